"""What an object sees of its device: the real device offers all of it."""

import inspect

from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.surroundings import Outgoing, Surroundings
from anymeter.obis import Obis


def test_a_logical_device_is_such_surroundings():
    device = LogicalDevice(1, b"KAM1")
    for name, member in vars(Surroundings).items():
        if name.startswith("_"):
            continue
        assert hasattr(device, name), name
        if inspect.isfunction(member):
            wanted = list(inspect.signature(member).parameters)
            offered = list(inspect.signature(getattr(LogicalDevice, name)).parameters)
            assert offered[: len(wanted)] == wanted, name
    assert device.outbox == []


def test_what_goes_out_is_unconfirmed_over_tcp_unless_it_says_otherwise():
    out = Outgoing(origin=Obis("0-0:25.9.0*255"), body=b"\x02\x00", due=5.0)
    assert (out.transport, out.message, out.confirmed, out.destination) == (0, 0, False, b"")
