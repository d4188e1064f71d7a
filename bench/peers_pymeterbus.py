"""pyMeterBus (BSD) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

import cases
import meterbus
from timing import measure


def values(telegram: bytes) -> list[object]:
    return [(record.value, record.unit) for record in meterbus.load(telegram).records]


def readable(telegrams):
    """The telegrams that it reads at all: the others cost it nothing here."""
    found = []
    for telegram in telegrams:
        try:
            values(telegram)
        except Exception:  # noqa: BLE001, S112 - a peer may raise anything at all
            continue
        found.append(telegram)
    return found


LIBMBUS = readable(cases.libmbus())
SAME = readable(cases.one_layout())


def over(telegrams):
    def work():
        return sum(1 for telegram in telegrams if values(telegram))

    return work, len(telegrams), len(telegrams)


def mode_5():
    telegram = cases.mode_5()
    meterbus.wtelegram_body.WTelegramBaseDataHeader.add_decryption_key(bytes.fromhex("12345678"), cases.KEY)

    def work():
        return next(record.value for record in meterbus.load(telegram).records)

    return work, 1_012_345_000, 1


measure(
    {
        "mbus-libmbus": lambda: over(LIBMBUS),
        "mbus-one-layout": lambda: over(SAME),
        "mbus-mode-5": mode_5,
    }
)
