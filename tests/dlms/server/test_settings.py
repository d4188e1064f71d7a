"""Settings are values with bounds that hold by themselves."""

import pytest

from anymeter.dlms.server import Settings


def test_the_usual_ones_are_bounded():
    usual = Settings()
    assert 0 < usual.most_transfer <= 1 << 24
    assert 1 <= usual.window <= 63
    assert usual.silence < usual.transfer_timeout
    assert usual.most_associations > 0
    assert usual.most_repeats > 0


def test_they_do_not_change():
    with pytest.raises(AttributeError):
        Settings().window = 5


def test_a_device_whose_time_runs_faster_waits_as_long_for_its_clients():
    usual, fast = Settings(window=3), Settings(window=3).at_speed(60)
    assert (fast.transfer_timeout, fast.silence, fast.repeat_window) == (7200, 300, 600)
    assert (fast.window, fast.most_transfer, fast.most_repeats) == (3, usual.most_transfer, usual.most_repeats)
