import pytest

from anymeter.errors import DecodeError
from anymeter.mbus.ci import ci_field, obsolete, table

HEADERS = {"none", "short", "long", "ell", "afl", "transport"}


@pytest.mark.parametrize(
    ("code", "direction", "header", "kind"),
    [
        (0x00, "both", "transport", "transport"),
        (0x1F, "both", "transport", "transport"),
        (0x50, "to", "none", "application-select"),
        (0x51, "to", "none", "records"),
        (0x52, "to", "none", "selection"),
        (0x5A, "to", "short", "records"),
        (0x5B, "to", "long", "records"),
        (0x60, "to", "long", "cosem"),
        (0x61, "to", "short", "cosem"),
        (0x69, "from", "none", "format"),
        (0x6E, "from", "short", "application-error"),
        (0x6F, "from", "long", "application-error"),
        (0x70, "from", "none", "application-error"),
        (0x72, "from", "long", "records"),
        (0x73, "from", "long", "compact"),
        (0x78, "from", "none", "records"),
        (0x79, "from", "none", "compact"),
        (0x7A, "from", "short", "records"),
        (0x7B, "from", "short", "compact"),
        (0x7C, "from", "long", "cosem"),
        (0x7D, "from", "short", "cosem"),
        (0x8A, "from", "short", "none"),
        (0x8B, "from", "long", "none"),
        (0x8C, "both", "ell", "ell-i"),
        (0x90, "both", "afl", "afl"),
        (0xA0, "both", "none", "manufacturer"),
        (0xB7, "both", "none", "manufacturer"),
        (0xBD, "to", "none", "baud"),
        (0xC4, "from", "short", "security-information"),
    ],
)
def test_ci_fields_of_the_standard(code, direction, header, kind):
    ci = ci_field(code)
    assert (ci.code, ci.direction, ci.header, ci.kind) == (code, direction, header, kind)


def test_the_whole_table_is_well_formed():
    known = [ci for ci in table() if ci is not None]
    assert len(table()) == 256
    assert len(known) == 127
    for ci in known:
        assert ci.direction in ("to", "from", "both")
        assert ci.header in HEADERS
        assert ci.layer in ("apl", "tpl", "ell", "afl", "nwl")
        assert ci.meaning
        assert ci.plain <= (ci.header in ("none", "short", "long"))


@pytest.mark.parametrize("code", [0x20, 0x4F, 0x59, 0x5D, 0x62, 0x91, 0x98, 0xC6, 0xFF])
def test_reserved(code):
    with pytest.raises(DecodeError, match=f"CI {code:02X} is reserved") as e:
        ci_field(code, 7)
    assert e.value.at == 7


@pytest.mark.parametrize("code", [0x56, 0x57, 0x76, 0x77])
def test_withdrawn_fields_are_refused_by_name(code):
    with pytest.raises(DecodeError, match="mode 2"):
        ci_field(code)
    assert table()[code] is None
    assert code in obsolete()


def test_the_name_of_the_layer():
    assert ci_field(0x72).name == "tpl-long"
    assert ci_field(0x7A).name == "tpl-short"
    assert ci_field(0x78).name == "tpl-none"
    assert ci_field(0x8D).name == "ell-ii"
    assert ci_field(0x90).name == "afl"
    assert ci_field(0xA2).name == "manufacturer"
    assert ci_field(0x10).name == "transport"
