"""The samples: one message of every kind, the same octets each time, decoded with the options they name."""

from __future__ import annotations

import pytest

from anymeter.cli.samples import AUTHENTICATION_KEY, KEY, Sample, samples
from anymeter.decoding import decode

SAMPLES = list(samples())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.title)
def test_each_decodes_to_named_readings(sample):
    message = decode(sample.octets, key=sample.key, auth_key=sample.auth_key)
    assert message.undecoded == ()
    assert len(message.readings) >= 2
    assert sum(r.obis is not None for r in message.readings) >= 2
    if sample.key:
        assert message.security.verified


def test_there_is_one_of_every_kind():
    found = [decode(s.octets, key=s.key, auth_key=s.auth_key) for s in SAMPLES]
    assert {m.protocol for m in found} == {"mbus", "wmbus", "dlms", "iec62056-21", "p1"}
    layers = {layer for m in found for layer in m.layers}
    assert {"wmbus-a", "wmbus-b", "hdlc", "wrapper", "mbus-transport", "general-glo-ciphering"} <= layers


def test_they_are_the_same_each_time():
    assert list(samples()) == SAMPLES
    assert len({s.title for s in SAMPLES}) == len(SAMPLES)


def test_options_as_they_are_typed():
    assert Sample("x", b"").options == ""
    assert Sample("x", b"", KEY).options == f" --key {KEY.hex().upper()}"
    assert Sample("x", b"", KEY, AUTHENTICATION_KEY).options.endswith(f" --auth-key {AUTHENTICATION_KEY.hex().upper()}")
