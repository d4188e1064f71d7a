"""The protocol that every link keeps: each machine of the room has every one of its methods, with its parameters."""

import inspect

import pytest

from anymeter.links import hdlc_primary, hdlc_secondary, wrapper_link
from anymeter.links.link import Link

MACHINES = [hdlc_primary.HdlcPrimary, hdlc_secondary.HdlcSecondary, wrapper_link.WrapperLink]
METHODS = [name for name, member in vars(Link).items() if inspect.isfunction(member) and not name.startswith("_")]


def test_the_protocol_is_nine_methods():
    assert len(METHODS) == 9


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", METHODS)
def test_a_machine_keeps_the_protocol(machine, name):
    wanted = list(inspect.signature(getattr(Link, name)).parameters)
    assert list(inspect.signature(getattr(machine, name)).parameters)[: len(wanted)] == wanted
