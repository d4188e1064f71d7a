from __future__ import annotations

import pytest

from anymeter.simulator.example import EXAMPLE, STREET
from anymeter.simulator.world import MetersTable, Text, World


@pytest.mark.parametrize("text", [EXAMPLE, STREET])
def test_it_is_a_world(text):
    world = World.parse(text, 1_790_000_000.0)
    assert len(world.plans) > 5
    assert world.endpoints


def test_the_example_explains_every_key():
    for struct in (Text, MetersTable):
        for key in struct.__struct_encode_fields__:
            if key not in ("schema", "meters"):
                assert f"{key} =" in EXAMPLE, key
