"""Script table: actions that belong together. Class 9.

Source: EN 13757-1:2014, 6.4, Annex B (B.52, B.53); DLMS UA 1000-1 Ed. 16, Part 2, 4.5.2.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.model import InterfaceClass, attribute, interface_class, method
from anymeter.cosem.schema import ANY_TAG, CHOICE, ENUM, INTEGER, LONG_UNSIGNED, Schema, array, choice_of, structure
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis

SCRIPTS: Final = 2
"""The attribute scripts."""
WRITE: Final = 1
EXECUTE: Final = 2
_MOST_ACTIONS: Final = 1000
"""How many actions one execution may take, those of scripts that it calls among them."""
_NEWEST: Final = 8

Action: TypeAlias = tuple[int, int, bytes, int, Any]
"""service_id, class_id, logical_name, index, parameter."""

REFERENCE: Final = structure(script_logical_name=LN, script_selector=LONG_UNSIGNED)
"""A script: the name of its table, and its number there; 0 is no script."""


def action_schema(parameter: Schema[Any] = CHOICE) -> Schema[Any]:
    """The type of one action with a parameter of this type."""
    return structure(service_id=ENUM, class_id=LONG_UNSIGNED, logical_name=LN, index=INTEGER, parameter=parameter)


class ScriptTable(InterfaceClass, class_id=9, methods_at=0x20, clause=blue_book("4.5.2")):
    """Script table: scripts that write attributes and invoke methods, action after action.

    An action that fails does not keep the following ones from being carried out; the first failure is what the
    execution answers. A script that is under way cannot be started again from inside it.
    """

    scripts = attribute(2, array(structure(script_identifier=LONG_UNSIGNED, actions=array(action_schema()))))

    def set_up(self) -> None:
        """*failures*: what went wrong in the last execution, in the order of the actions."""
        self.failures: list[AccessError] = []
        self._running = False
        self._retype(self.scripts)

    def store(self, number: int, value: Any) -> None:
        """Change the value of an attribute and tell nobody."""
        super().store(number, value)
        if number == SCRIPTS:
            self._retype(value)

    def _retype(self, scripts: list[tuple[int, list[Action]]]) -> None:
        """Give the parameters types where those that are known do not fit; a client may write others."""
        try:
            self.schema_of(SCRIPTS).encode(scripts)
        except LocalError:
            self.types, self._adopted = {**self.types, SCRIPTS: _typed(scripts)}, self._adopted | {SCRIPTS}

    @method(1, LONG_UNSIGNED)
    def execute(self, data: int, now: float) -> None:
        """Carry out the script with this identifier; 0 is the script without actions."""
        self.carry_out(data, now, [_MOST_ACTIONS])

    def carry_out(self, identifier: int, now: float, left: list[int]) -> None:
        """Carry out a script of which *left* actions are allowed; the first failure is raised when all is done."""
        if identifier == 0:
            return
        found = next((n for n, script in enumerate(self.scripts) if script[0] == identifier), None)
        if found is None:
            raise declined(self, f"has no script {identifier}")
        if self._running:
            raise declined(self, f"script {identifier} is called from a script of its own table")
        self._running, self.failures = True, []
        try:
            for place, action in enumerate(self.scripts[found][1]):
                self._act(action, self._declared(found, place), now, left)
        finally:
            self._running = False
        if self.failures:
            raise self.failures[0]

    def _act(self, action: Action, schema: Schema[Any], now: float, left: list[int]) -> None:
        service, class_id, name, index, parameter = action
        try:
            if left[0] == 0:
                raise declined(self, f"takes more than {_MOST_ACTIONS} actions")
            left[0] -= 1
            target = self._target(class_id, name)
            if service == EXECUTE and isinstance(target, ScriptTable) and index == 1 and isinstance(parameter, int):
                target.carry_out(parameter, now, left)
            elif service == EXECUTE:
                target.invoke(index, _encoded(schema, parameter, _parameters_of(target, index)), now)
            elif service == WRITE:
                target.write(index, _encoded(schema, parameter, target.schema_of(index)), now)
            else:
                raise declined(self, f"has no service {service}")
        except AccessError as error:
            self.failures.append(error)

    def _target(self, class_id: int, name: bytes) -> InterfaceClass:
        if self.device is None:
            raise declined(self, "is in no device")
        found: InterfaceClass = self.device.find(class_id, Obis(name))
        return found

    def _declared(self, script: int, place: int) -> Schema[Any]:
        """The type that the parameter of an action has in the attribute, CHOICE where it is left open."""
        actions = _part(self.schema_of(SCRIPTS), script).parts[1]
        found: Schema[Any] = _part(actions, place).parts[4]
        return found


def _part(of: Schema[Any], place: int) -> Schema[Any]:
    """The type of one element of an array."""
    return of.parts[0] if len(of.parts) == 1 else of.parts[place]


def _parameters_of(target: InterfaceClass, index: int) -> Schema[Any]:
    found = target.methods.get(index)
    return CHOICE if found is None else found.schema


def _encoded(own: Schema[Any], parameter: Any, wanted: Schema[Any]) -> bytes:
    """The octets of a parameter: as the script has its type, else as the target wants it."""
    schema = wanted if own.tag == ANY_TAG else own
    try:
        return b"\x00" if parameter is None else schema.encode(parameter)
    except LocalError as error:
        raise AccessError(int(ActionResult.type_unmatched), "script parameter", str(error)) from None


def _typed(scripts: list[tuple[int, list[Action]]]) -> Schema[Any]:
    """The type of scripts whose parameters are numbers without a type: that of the attribute or method they go to."""
    return array(
        *[
            structure(
                script_identifier=LONG_UNSIGNED,
                actions=array(*[action_schema(_wanted(action)) for action in actions]),
            )
            for _, actions in scripts
        ]
    )


def _wanted(action: Action) -> Schema[Any]:
    service, class_id, _, index, parameter = action
    try:
        return choice_of(parameter)
    except LocalError:
        for kind in filter(None, (interface_class(class_id, version) for version in range(_NEWEST))):
            member: Any = (kind.methods if service == EXECUTE else kind.attributes).get(index)
            if member is not None:
                found: Schema[Any] = member.schema
                return found
    return CHOICE
