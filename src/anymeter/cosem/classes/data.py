"""Data: a value of any type. Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.1."""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import CHOICE


class Data(InterfaceClass, class_id=1, version=0, clause=blue_book("4.3.1")):
    """Data: a value that the other classes have no place for, such as a number, a text or a status."""

    value = attribute(2, CHOICE)
