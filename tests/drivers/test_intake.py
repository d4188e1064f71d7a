"""The buffer that streams are read into."""

from __future__ import annotations

from anymeter.drivers.intake import MOST, Intake


def test_pieces_come_out_as_they_were_put_in():
    intake = Intake()
    for piece in (b"first", b"2"):
        intake.buffer[: len(piece)] = piece
        assert intake.take(len(piece)) == piece


def test_a_piece_stays_when_the_next_one_comes():
    intake = Intake()
    intake.buffer[:3] = b"one"
    first = intake.take(3)
    intake.buffer[:3] = b"two"
    assert (first, intake.take(3)) == (b"one", b"two")


def test_it_grows_when_pieces_fill_it_and_not_without_end():
    intake, sizes = Intake(8), []
    for _ in range(12):
        sizes.append(len(intake.buffer))
        assert len(intake.take(len(intake.buffer))) == sizes[-1]
    assert sizes[:3] == [8, 32, 128]
    assert len(intake.buffer) == sizes[-1] <= 4 * MOST


def test_it_does_not_grow_for_small_pieces():
    intake = Intake(64)
    for _ in range(3):
        intake.take(63)
    assert len(intake.buffer) == 64
