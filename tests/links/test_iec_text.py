"""The text of data sets: split whole, nothing lost, no input slower than its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.links.iec_text import (
    END,
    MOST_FIELDS,
    DataSet,
    Value,
    continues,
    data_sets,
    decode_text,
    encode_text,
    explain_text,
    groups,
    has_data_set,
    pieces,
    tokens,
)

WORD = st.text("0123456789ABCkWh.:-&/ ", max_size=12)
SETS = st.lists(
    st.builds(
        DataSet,
        st.text("0123456789.CFP:*-", min_size=1, max_size=12),
        st.lists(st.builds(Value, WORD, WORD), min_size=1, max_size=4).map(tuple),
    ),
    max_size=8,
)
NOISE = st.text("(()*)!\r\n1.8a&\x02\x03", max_size=200).map(lambda s: s.encode("latin-1"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"1.8.0(12.5*kWh)", [("1.8.0", [("12.5", "kWh")])]),
        (b"6.8(1*GJ)6.26(2*m3)\nF(0)", [("6.8", [("1", "GJ")]), ("6.26", [("2", "m3")]), ("F", [("0", "")])]),
        (b"1.6.0(02.4*kW)(1703100930)", [("1.6.0", [("02.4", "kW"), ("1703100930", "")])]),
        (b"P.01(1)\r\n(2)\r\n(3)(4)\r\n", [("P.01", [("1", ""), ("2", ""), ("3", ""), ("4", "")])]),
        (b"0.2.2(:G1)!(:G1)(!)", [("0.2.2", [(":G1", ""), (":G1", ""), ("!", "")])]),
        (b"9.4(98.5*C&96.1*C)", [("9.4", [("98.5", "C&96.1*C")])]),
        (b"\x02F.F()\r\n", [("F.F", [("", "")])]),
        (b"(ER01)", [("", [("ER01", "")])]),
        (b"no data set at all", []),
        (b"1.8.0(12", []),
    ],
)
def test_data_sets(text, wanted):
    found = [(d.address, [(v.text, v.unit) for v in d.values]) for d in data_sets(text)]
    assert found == wanted


def test_offsets_count_from_the_message():
    assert [d.at for d in data_sets(b"\x021.8.0(1)\r\n2.8.0(2)", 10)] == [11, 21]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"1(2)\r\n!\r\n", 6),
        (b"1(2)!\r\n\x03", 4),
        (b"1(2)\r\n!522B\r\n", 6),
        (b"1(2)\r\n!", 6),
        (b"0.2.2(G)!(G)(!)\r\n", None),
        (b"0.2.2(G)!(G)(!)\r\n!\r\n", 17),
    ],
)
def test_only_a_mark_at_the_end_of_its_line_ends_the_data(text, at):
    m = END.search(text)
    assert (m and m.start()) == at


def test_a_group_alone_continues_the_data_set_before():
    assert [continues(a) for a in (b"", b"!", b" ! ", b"1.8.0", b"F")] == [True, True, True, False, False]


@given(NOISE)
def test_no_octet_is_lost(text):
    split = tokens(text)
    assert all(bool(t[0]) != bool(t[5]) for t in split)
    assert b"".join(t[0] + t[5] for t in split) == text.translate(None, b"\r\n")


@given(NOISE)
def test_groups_partition_their_data_set(text):
    for octets, address, value, unit, _, _ in tokens(text):
        if octets:
            found = list(groups(octets))
            assert b"".join(g.octets for g in found) == octets
            assert (found[0].value, found[0].unit) == (value, unit)
            assert octets.startswith(address)


@given(SETS)
def test_round_trip(sets):
    text = b"".join(d.encode() + b"\r\n" for d in sets)
    back = data_sets(text)
    wanted = [(d.address.strip(), d.values) for d in sets]
    assert [(d.address, d.values) for d in back] == [(a, v) for a, v in wanted]


@given(NOISE)
def test_explained_fields_stand_where_they_say(text):
    for field in explain_text(text, 7):
        assert text[field.at - 7 :].startswith(field.octets)


def test_explained_noise_is_shown():
    rows = [(f.name, f.meaning) for f in explain_text(b"1.8.0(1*kWh)\r\n??", 0)]
    assert rows == [("data set", "1.8.0"), ("value", "1 kWh"), ("not a data set", "??")]


@given(st.binary(max_size=40))
def test_every_octet_is_some_character(octets):
    assert encode_text(decode_text(octets)) in (octets, decode_text(octets).encode("latin-1", "ignore"))


def test_texts_beyond_one_octet_a_character():
    assert encode_text("€") == "€".encode()
    assert decode_text("m³".encode()) == decode_text(b"m\xb3") == "m³"


@pytest.mark.parametrize("line", [b"1.8.0(12.5*kWh)\r\n", b"a()", b"C.1(7)(8)\r\n", b"?\r\n", b"0.0(1)\n(2)\n(3)\n"])
def test_pieces_have_the_tokens_of_the_whole(line):
    text = line * (9000 // len(line))
    made = list(pieces(text))
    assert len(made) > 3
    assert b"".join(made) == text
    assert [token for piece in made for token in tokens(piece)] == tokens(text)


@given(
    st.lists(
        st.sampled_from([b"(", b")", b"1.8", b"\r\n", b"(1*a)", b"()", b"!", b"\n(2)", b"x(1)" * 600]), max_size=40
    )
)
def test_however_a_text_is_cut_nothing_changes(parts):
    text = b"".join(parts)
    made = list(pieces(text))
    assert [token for piece in made for token in tokens(piece)] == tokens(text)
    for piece in made[1:]:
        assert not continues(tokens(piece)[0][1]) or not tokens(piece)[0][0]


def test_groups_of_one_data_set_are_not_cut_apart():
    text = b"P.01(1703100930)" + b"(0)" * 3000
    assert list(pieces(text)) == [text]


@pytest.mark.parametrize(
    ("text", "has"),
    [(b"", False), (b"1.8.0", False), (b"1.8.0(", False), (b")(", False), (b"()", True), (b"x)y(1)", True)],
)
def test_whether_there_is_a_data_set(text, has):
    assert has_data_set(text) is has
    assert bool(data_sets(text)) is has


def covered(text):
    """The octets of the rows at the top, and those of the values below them."""
    rows = list(explain_text(text, 0))
    return [row for row in rows if row.depth == 0], [row for row in rows if row.depth]


@given(SETS)
def test_rows_at_the_top_cover_every_data_set_once(sets):
    text = b"".join(one.encode() + b"\r\n" for one in sets)
    top, values = covered(text)
    assert b"".join(row.octets + b"\r\n" for row in top) == text
    for row in top:
        inside = [v.octets for v in values if row.at <= v.at < row.at + len(row.octets)]
        assert row.octets.endswith(b"".join(inside))
        assert b"(" not in row.octets.removesuffix(b"".join(inside))


@pytest.mark.parametrize("text", [b"a(1)" * 1000, b"x(1)" + b"(2)" * 1000, b"?\r\n" * 1000 + b"b(1)", b"(" * 3000])
def test_nobody_is_shown_thousands_of_rows(text):
    top, values = covered(text)
    assert len(top) + len(values) <= MOST_FIELDS + 2
    assert b"".join(row.octets for row in top).replace(b"\r\n", b"") == text.replace(b"\r\n", b"")
    assert "the rest" in {row.name for row in top + values}
    for row in top + values:
        assert text[row.at : row.at + len(row.octets)] == row.octets
