"""Runs the command line in process and reads what it prints."""

from __future__ import annotations

import json
from decimal import Decimal

from typer.testing import CliRunner

import message_cases as cases
from anymeter.cli.app import app
from anymeter.errors import LocalError


def named(name):
    return next(v for v in cases.OWN if v["name"] == name)


HEAT = named("wired M-Bus, heat meter")
WATER = named("wireless M-Bus, frame format A, mode 5, cold water")
GAS = named("DLMS push over the TCP wrapper, ciphered, gas")
READOUT = named("IEC 62056-21 readout, mode C, heat")
P1 = named("P1 telegram, electricity with a gas meter")


def hexa(vector):
    return cases.octets(vector).hex().upper()


def run(*arguments, stdin=None):
    """The result of one command; a mistake of the caller's is what ``main`` makes of it: a sentence and status 2."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if isinstance(result.exception, LocalError):
        return 2, result.stdout, f"anymeter: {result.exception}"
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def objects(text):
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
