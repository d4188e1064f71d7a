"""Logical and physical devices: finding, watching, what is due and in which order."""

import pytest

from anymeter.cosem import device as device_module
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.device import CLOCK, LogicalDevice, PhysicalDevice
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import INTEGER, LONG_UNSIGNED, UNSIGNED
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis

ONE, TWO, THREE = Obis("0-0:96.1.1*255"), Obis("0-0:96.1.2*255"), Obis("0-0:96.1.3*255")


class Plain(InterfaceClass, class_id=8320):
    """Plain."""

    value = attribute(2, UNSIGNED)


class Ticking(InterfaceClass, class_id=8321):
    """Is due every *period* seconds and notes when it ran."""

    period = attribute(2, UNSIGNED)

    def set_up(self):
        self.last, self.log = 0.0, []

    def next_due(self):
        return self.last + self.period if self.period else None

    def run(self, now):
        self.last = now
        self.log.append((now, self.logical_name))
        LOG.append((now, str(self.logical_name)))

    def clock_changed(self, old, new, now):
        LOG.append(("clock", old, new, now))


class Urgent(Ticking, class_id=8322):
    """Comes first."""

    run_order = -1


class Table(InterfaceClass, class_id=9999):
    """Stands for a script table: the class id is set on the object's class in the tests."""

    value = attribute(2, UNSIGNED)

    @method(1, LONG_UNSIGNED)
    def execute(self, selector, now):
        """Run."""
        if selector == 13:
            raise AccessError(250, "script 13")
        self.put(2, selector, now)


LOG = []


@pytest.fixture(autouse=True)
def _fresh_log():
    LOG.clear()


def device(*objects, **more):
    return LogicalDevice(1, b"KAM12345", objects, **more)


@pytest.mark.parametrize("name", [b"", b"KAM" + bytes(14)])
def test_a_name_has_1_to_16_octets(name):
    with pytest.raises(LocalError, match="1 to 16 octets"):
        LogicalDevice(1, name)


def test_an_object_is_found_by_class_and_name():
    plain = Plain(ONE)
    found = device(plain)
    assert found.find(8320, ONE) is plain
    assert found.named(ONE) is plain
    assert found.named(TWO) is None
    assert found.everything() == [plain]
    for class_id, name, result in ((8320, TWO, 4), (1, ONE, 9)):
        with pytest.raises(AccessError) as caught:
            found.find(class_id, name)
        assert caught.value.result == result


def test_the_current_association_is_that_of_whoever_asks():
    mine, other = Plain("0-0:40.0.1*255"), Plain("0-0:40.0.2*255")
    found = device(mine, other)
    first = AssociationProfile(name="a", client=16)
    second = AssociationProfile(name="b", client=32, object_name=Obis("0-0:40.0.2*255"))
    assert found.find(8320, CURRENT, first) is mine
    assert found.find(8320, CURRENT, second) is other
    with pytest.raises(AccessError):
        found.find(8320, CURRENT)


def test_two_objects_cannot_have_one_name():
    with pytest.raises(LocalError, match="two objects"):
        device(Plain(ONE), Plain(ONE))


def test_what_is_taken_out_is_no_longer_there_and_no_longer_due():
    found = device(Plain(ONE), Ticking(TWO, period=5))
    found.remove(TWO)
    assert (found.next_due(), found.named(TWO)) == (None, None)
    with pytest.raises(AccessError) as caught:
        found.remove(TWO)
    assert caught.value.result == 4


def test_what_is_due_runs_in_order_of_time_then_of_run_order():
    found = device(Ticking(ONE, period=4), Urgent(TWO, period=4), Ticking(THREE, period=3))
    found.advance(2.9)
    assert LOG == []
    assert found.next_due() == 3
    found.advance(8)
    names = {str(ONE): "one", str(TWO): "urgent", str(THREE): "three"}
    assert [(at, names[name]) for at, name in LOG] == [
        (3, "three"),
        (4, "urgent"),
        (4, "one"),
        (6, "three"),
        (8, "urgent"),
        (8, "one"),
    ]


def test_a_change_of_an_object_changes_when_it_is_due():
    ticking = Ticking(ONE, period=0)
    found = device(ticking)
    found.advance(10)
    ticking.put(2, 5, 10)
    assert found.next_due() == 5
    ticking.write(2, bytes.fromhex("1114"), 10)
    assert found.next_due() == 20


def test_an_object_that_is_always_due_is_a_mistake_that_is_told():
    class Greedy(Ticking, class_id=8323):
        """Never gets on."""

        def next_due(self):
            return 0.0

        def run(self, now):
            pass

    with pytest.raises(LocalError, match="due for ever"):
        device(Greedy(ONE)).advance(1)


def test_an_object_that_fails_rests_and_the_others_go_on():
    class Failing(Ticking, class_id=8324):
        """Fails once it is started."""

        def run(self, now):
            raise ZeroDivisionError("nothing to divide by")

    failing = Failing(ONE, period=2)
    found = device(failing, Ticking(TWO, period=3))
    with pytest.raises(ZeroDivisionError):
        found.advance(7)
    assert [at for at, _ in LOG] == [3, 6]
    found.advance(9)
    assert [at for at, _ in LOG] == [3, 6, 9]
    failing.put(2, 1, 9)
    with pytest.raises(ZeroDivisionError):
        found.advance(9)


def test_a_device_left_alone_for_long_catches_up_in_several_calls(monkeypatch):
    monkeypatch.setattr(device_module, "_MOST_INSTANTS", 10)
    found = device(Ticking(ONE, period=1))
    found.advance(25)
    assert len(LOG) == 10
    found.advance(25)
    found.advance(25)
    assert [at for at, _ in LOG] == list(range(1, 26))


def test_watchers_are_told_of_changes():
    class Watcher:
        def __init__(self):
            self.seen = []

        def noticed(self, obj, number, value, now):
            self.seen.append((str(obj.logical_name), number, value, now))

    plain, watcher = Plain(ONE), Watcher()
    found = device(plain)
    found.watch(ONE, 2, watcher)
    found.watch(ONE, 2, watcher)
    plain.put(2, 5, 1.0)
    plain.write(2, bytes.fromhex("1106"), 2.0)
    assert watcher.seen == [(str(ONE), 2, 5, 1.0), (str(ONE), 2, 6, 2.0)]
    found.unwatch(watcher)
    plain.put(2, 7, 3.0)
    assert len(watcher.seen) == 2


def test_scripts(monkeypatch):
    monkeypatch.setattr(Table, "class_id", 9)
    table = Table(ONE)
    found = device(table, Plain(TWO))
    assert found.execute(ONE, 5, 0)
    assert table.value == 5
    assert found.execute(ONE, 0, 0), "selector 0 means that nothing is to be done"
    assert table.value == 5
    assert not found.execute(ONE, 13, 0)
    assert not found.execute(TWO, 1, 0)
    assert not found.execute(THREE, 1, 0)


def test_a_clock_that_was_set_is_told_to_all():
    found = device(Ticking(ONE, period=5), Urgent(TWO, period=5))
    assert found.next_due() == 5
    found.clock_set(100, 200, 7)
    assert LOG == [("clock", 100, 200, 7)] * 2
    assert found.clock is None
    clock = Plain(CLOCK)
    found.add(clock)
    assert found.clock is clock


def test_a_physical_device_has_a_management_logical_device():
    with pytest.raises(LocalError, match="SAP 1"):
        PhysicalDevice([LogicalDevice(2, b"KAM2")])
    with pytest.raises(LocalError, match="8 octets"):
        PhysicalDevice([LogicalDevice(1, b"KAM1")], b"KAM")


def test_a_physical_device_lists_its_logical_devices_and_runs_them():
    first, second = device(Ticking(ONE, period=5)), LogicalDevice(17, b"KAM17", [Ticking(ONE, period=3)])
    box = PhysicalDevice([second, first], b"KAM12345")
    assert box.management is first
    assert first.physical is box
    assert box.saps() == [(1, b"KAM12345"), (17, b"KAM17")]
    assert box.next_due() == 3
    box.advance(5)
    assert [at for at, _ in LOG] == [3, 5], "each device runs on its own"
    assert repr(box) == "PhysicalDevice(b'KAM12345', 2 logical devices)"
    assert repr(first) == "LogicalDevice(1, b'KAM12345', 1 objects)"
    assert PhysicalDevice([LogicalDevice(1, b"KAM1", [Plain(ONE)])]).next_due() is None


def test_short_names_follow_the_objects():
    found = device(Plain(ONE))
    assert found.short_names.base_of(ONE, found.objects) == 0x100
    found.add(Plain(TWO))
    assert found.short_names.base_of(TWO, found.objects) == 0x110


def test_integers_only_for_what_is_one():
    assert Plain(ONE, types={2: INTEGER}, value=-1).encoded(2, 0).hex() == "0fff"


class Beginning(Ticking, class_id=8323):
    """Is due from the moment it is started."""

    def set_up(self):
        super().set_up()
        self.begun = []

    def started(self, now):
        self.begun.append(now)
        self.last = now

    def next_due(self):
        return super().next_due() if self.begun else None


def test_objects_are_started_once_before_they_first_run():
    first, second = Beginning(ONE, period=10), Beginning(TWO, period=10)
    device = LogicalDevice(1, b"ANY", [first])
    assert device.next_due() is None
    device.advance(1000)
    device.add(second)
    device.advance(1025)
    assert (first.begun, second.begun) == ([1000], [1025])
    assert [now for now, _ in first.log] == [1010, 1020]
    device.remove(TWO)
    device.advance(1100)
    assert second.log == []


def test_what_was_taken_out_before_it_ran_is_not_started():
    obj = Beginning(ONE, period=10)
    device = LogicalDevice(1, b"ANY", [obj])
    device.remove(ONE)
    device.advance(1000)
    assert obj.begun == []
