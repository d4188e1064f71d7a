"""Text telegrams to readings: P1 and IEC 62056-21, check sequences verified."""

from __future__ import annotations

from timing import measure

from anymeter.bridge.datasets import p1_message, readout_message
from anymeter.links.iec62056_21 import Data, Identification
from anymeter.links.p1 import of_text

PHASES = (20, 40, 60)
TELEGRAM = [
    "1-3:0.2.8(50)",
    "0-0:1.0.0(170702192002S)",
    "0-0:96.1.1(4530303031323334353637383930)",
    *(f"1-0:{c}.8.{e}(00{c}00{e}.426*kWh)" for c in (1, 2) for e in (1, 2)),
    "0-0:96.14.0(0002)",
    *(f"1-0:{c}.7.0(00.{c}44*kW)" for c in (1, 2)),
    "0-0:96.7.21(00013)",
    "0-0:96.7.9(00000)",
    "1-0:99.97.0(0)(0-0:96.7.19)",
    *(f"1-0:{12 + p}.32.0(00000)" for p in PHASES),
    "0-0:96.13.0()",
    *(f"1-0:{12 + p}.7.0(023{p // 20}.0*V)" for p in PHASES),
    *(f"1-0:{11 + p}.7.0(0.{p}*A)" for p in PHASES),
    *(f"1-0:{c + p}.7.0(00.0{p}*kW)" for c in (1, 2) for p in PHASES),
    "0-1:24.1.0(003)",
    "0-1:96.1.0(4730303031323334353637383930)",
    "0-1:24.2.1(170702190000S)(00000.107*m3)",
]
READOUT = [
    "F.F(00000000)",
    "C.1.0(00012345)",
    "0.9.1(201455)",
    "0.9.2(170318)",
    *(f"{c}.8.{e}(000{c}23.4{e}6*kWh)" for c in (1, 2) for e in range(5)),
    *(f"1.6.{e}(02.46{e}*kW)(1703100930)" for e in range(3)),
    *(f"1.8.0*{f:02}(00010{f}.500*kWh)" for f in range(1, 13)),
]


def telegram():
    """One item: a telegram of 32 lines, its CRC verified, to readings."""
    octets = of_text("ANY5\\2METER", "\n".join(TELEGRAM)).encode()

    def work():
        return len(p1_message(octets).readings)

    return work, len(TELEGRAM), 1


def readout():
    """One item: a readout of 29 data sets, its block check character verified, to readings."""
    block = "".join(f"{line}\r\n" for line in READOUT) + "!\r\n"
    octets = Identification("ANY", "5", "METER").encode() + Data(block.encode()).encode()

    def work():
        return len(readout_message(octets, strict=True).readings)

    return work, len(READOUT), 1


measure({"P1 telegram": telegram, "62056-21 readout": readout})
