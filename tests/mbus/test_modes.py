import pytest

from anymeter.mbus.modes import mode_text, table


def test_every_mode_once_in_order():
    assert [m.number for m in table()] == list(range(32))
    assert {m.support for m in table()} == {"full", "opaque", "maker", "none"}
    assert {m.unit for m in table()} == {0, 1, 16}


@pytest.mark.parametrize(
    ("mode", "words"),
    [(0, "no encryption"), (5, "AES-128-CBC"), (7, "derived"), (10, "CCM"), (13, "TLS"), (22, "reserved")],
)
def test_names(mode, words):
    assert words in mode_text(mode)
    assert str(mode) in mode_text(mode)
