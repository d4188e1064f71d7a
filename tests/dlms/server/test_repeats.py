"""What is remembered of datagrams, for how long, and how much."""

from anymeter.dlms.server.repeats import MOST_OCTETS, Repeats


def test_an_answer_is_remembered_for_a_while():
    repeats = Repeats(10, 4)
    assert repeats.answer(b"request", 0) is None
    repeats.keep(b"request", [b"answer"], 100)
    assert repeats.answer(b"request", 110) == [b"answer"]
    assert repeats.answer(b"another", 100) is None
    assert repeats.answer(b"request", 120.5) is None


def test_the_while_counts_from_when_it_came_last():
    """A client may repeat itself several times."""
    repeats = Repeats(10, 4)
    repeats.keep(b"request", [b"answer"], 0)
    assert [repeats.answer(b"request", at) for at in (6, 12, 18, 28)] == [[b"answer"]] * 4
    assert repeats.answer(b"request", 38.5) is None


def test_no_answer_is_remembered_too():
    repeats = Repeats(10, 4)
    repeats.keep(b"unconfirmed", [], 0)
    assert repeats.answer(b"unconfirmed", 5) == []


def test_only_the_last_ones_are_kept():
    repeats = Repeats(10, 2)
    for request in (b"1", b"2", b"1", b"3"):
        repeats.keep(request, [request], 0)
    assert [repeats.answer(request, 0) for request in (b"1", b"2", b"3")] == [[b"1"], None, [b"3"]]


def test_the_newest_answer_counts():
    repeats = Repeats(10, 2)
    repeats.keep(b"1", [b"old"], 0)
    repeats.keep(b"1", [b"new"], 8)
    assert repeats.answer(b"1", 15) == [b"new"]


def test_what_is_very_long_is_not_remembered():
    repeats = Repeats(10, 2)
    repeats.keep(b"1", [bytes(MOST_OCTETS - 1)], 0)
    repeats.keep(b"2", [bytes(MOST_OCTETS)], 0)
    assert repeats.answer(b"1", 0) is not None
    assert repeats.answer(b"2", 0) is None


def action(invoke, parameter=0):
    return bytes((0xC3, 1, 0xC0 | invoke, parameter))


def test_another_request_with_its_id_makes_it_new():
    """A client that has one id only sets A, then B, then A again."""
    repeats = Repeats(10, 4)
    repeats.keep(action(1), [b"1"], 0)
    repeats.keep(action(2, 5), [b"2"], 0)
    assert repeats.answer(action(1), 0) == [b"1"]
    assert repeats.answer(action(1, 7), 0) is None
    assert repeats.answer(action(1), 0) == [b"1"]
    repeats.keep(action(1, 7), [b"3"], 0)
    assert repeats.answer(action(1), 0) is None
    assert repeats.answer(action(1, 7), 0) == [b"3"]
    assert repeats.answer(action(2, 5), 0) == [b"2"]


def test_a_get_with_its_id_makes_it_new_but_the_next_block_of_one_does_not():
    repeats = Repeats(10, 4)
    repeats.keep(action(1), [b"1"], 0)
    assert repeats.answer(bytes.fromhex("C002C1 00000001"), 0) is None
    assert repeats.answer(action(1), 0) == [b"1"]
    assert repeats.answer(bytes.fromhex("C001C1 0008 0000010000FF 02 00"), 0) is None
    assert repeats.answer(action(1), 0) is None


def test_after_all_other_ids_it_is_new():
    repeats = Repeats(10, 32)
    for invoke in range(1, 16):
        assert repeats.answer(action(invoke), 0) is None
        repeats.keep(action(invoke), [b"once"], 0)
        assert repeats.answer(action(1), 0) == [b"once"]
    repeats = Repeats(10, 32)
    for invoke in range(1, 16):
        assert repeats.answer(action(invoke), 0) is None
        repeats.keep(action(invoke), [b"once"], 0)
    assert repeats.answer(action(2), 0) == [b"once"]
    assert repeats.answer(action(1, 9), 0) is None
    assert repeats.answer(action(3), 0) == [b"once"]
    repeats = Repeats(10, 32)
    for invoke in (*range(1, 16), 1):
        assert repeats.answer(action(invoke), 0) is None
        repeats.keep(action(invoke), [b"once"], 0)


def test_what_has_no_id_is_new_after_another_that_had_an_effect():
    repeats = Repeats(10, 4)
    on, off, read = (bytes.fromhex(text) for text in ("06010200080103 01", "06010200080103 00", "0501020008"))
    repeats.keep(on, [b"on"], 0)
    assert repeats.answer(read, 0) is None
    assert repeats.answer(on, 0) == [b"on"]
    assert repeats.answer(off, 0) is None
    repeats.keep(off, [b"off"], 0)
    assert repeats.answer(on, 0) is None
