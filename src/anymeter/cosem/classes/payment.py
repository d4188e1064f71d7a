"""Payment metering: account, credit and charge. Classes 111 to 113.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.6.2 to 4.6.4. Amounts are integers in the scale of the account's currency.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.parts import LN, MOST, UNSPECIFIED, blue_book, declined, due, out_of_reach, shown
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    BIT_STRING,
    DATE_TIME,
    DOUBLE_LONG,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    UTF8_STRING,
    array,
    octets,
    one_of,
    structure,
)
from anymeter.cosem.values import BitString

NEW, ACTIVE, CLOSED = 1, 2, 3
"""The status of an account."""

CREDIT_MODE, PREPAYMENT_MODE = 1, 2

NO_FLAGS: Final = BitString(b"\0", 8)

_LARGEST: Final = 2**31 - 1


class Account(InterfaceClass, class_id=111, methods_at=0x98, clause=blue_book("4.6.2")):
    """Account: the contract between a customer and the supplier, in credit or prepayment mode.

    *account_mode_and_status*: mode 1 credit, 2 prepayment; status 1 new, 2 active, 3 closed. *current_credit_status*,
    first bit first: in credit, low credit, next credit enabled, next credit selectable, next credit selected,
    selectable credit in use, out of credit, reserved. *currency_unit*: 0 time, 1 consumption, 2 money.
    *collection_configuration*, first bit first: when the supply is disconnected, in load limiting periods, in friendly
    credit periods. At its activation or closure time the account changes by itself.
    """

    account_mode_and_status = attribute(
        2, structure(account_mode=ENUM, account_status=ENUM), default=(CREDIT_MODE, NEW)
    )
    current_credit_in_use = attribute(3, UNSIGNED, dynamic=True)
    current_credit_status = attribute(4, BIT_STRING, dynamic=True, default=NO_FLAGS)
    available_credit = attribute(5, DOUBLE_LONG, dynamic=True)
    amount_to_clear = attribute(6, DOUBLE_LONG, dynamic=True)
    clearance_threshold = attribute(7, DOUBLE_LONG)
    aggregated_debt = attribute(8, DOUBLE_LONG, dynamic=True)
    credit_reference_list = attribute(9, array(LN))
    charge_reference_list = attribute(10, array(LN))
    credit_charge_configuration = attribute(
        11, array(structure(credit_reference=LN, charge_reference=LN, collection_configuration=BIT_STRING))
    )
    token_gateway_configuration = attribute(12, array(structure(credit_reference=LN, token_proportion=UNSIGNED)))
    account_activation_time = attribute(13, OCTET_STRING_DATE_TIME)
    account_closure_time = attribute(14, OCTET_STRING_DATE_TIME)
    currency = attribute(15, structure(currency_name=UTF8_STRING, currency_scale=INTEGER, currency_unit=ENUM))
    low_credit_threshold = attribute(16, DOUBLE_LONG, dynamic=True)
    next_credit_available_threshold = attribute(17, DOUBLE_LONG, dynamic=True)
    max_provision = attribute(18, LONG_UNSIGNED)
    max_provision_period = attribute(19, DOUBLE_LONG)

    @property
    def _status(self) -> int:
        return int(self.account_mode_and_status[1])

    def _become(self, status: int, now: float) -> None:
        self.put(2, (self.account_mode_and_status[0], status), now)

    @method(1, INTEGER)
    def activate_account(self, data: int, now: float) -> None:
        """Make a new account active; refused when it is not new."""
        if self._status != NEW:
            raise declined(self, "activate_account: the account is not new")
        self._become(ACTIVE, now)
        self.put(13, shown(self, now).octets, now)

    @method(2, INTEGER)
    def close_account(self, data: int, now: float) -> None:
        """Close an active account; refused when it is not active."""
        if self._status != ACTIVE:
            raise declined(self, "close_account: the account is not active")
        self._become(CLOSED, now)
        self.put(14, shown(self, now).octets, now)

    @method(3, INTEGER)
    def reset_account(self, data: int, now: float) -> None:
        """Make a closed account new, with nothing in it; refused when it is not closed."""
        if self._status != CLOSED:
            raise declined(self, "reset_account: the account is not closed")
        for number in (3, 4, 5, 6, 8, 13, 14):
            self.put(number, self.attributes[number].initial(), now)
        self._become(NEW, now)

    def next_due(self) -> float | None:
        """When the account becomes active or is closed by its times."""
        if self._status == NEW:
            return due(self, self.account_activation_time)
        return due(self, self.account_closure_time) if self._status == ACTIVE else None

    def run(self, now: float) -> None:
        """Become active or closed when it is time."""
        when = self.next_due()
        if when is not None and when <= now:
            self._become(ACTIVE if self._status == NEW else CLOSED, now)


CREDIT_STATES: Final = {0: "enabled", 1: "selectable", 2: "selected or invoked", 3: "in use", 4: "exhausted"}
SELECTABLE, INVOKED = 1, 2


class Credit(InterfaceClass, class_id=112, methods_at=0x58, clause=blue_book("4.6.3")):
    """Credit: one of the credits of an account.

    *credit_configuration*, first bit first: needs a visual indication, needs a confirmation before it is invoked, has
    to be paid back, resettable, can receive amounts from tokens.
    """

    current_credit_amount = attribute(2, DOUBLE_LONG, dynamic=True)
    credit_type = attribute(
        3,
        ENUM,
        words={
            0: "token credit",
            1: "reserved credit",
            2: "emergency credit",
            3: "time-based credit",
            4: "consumption-based credit",
        },
    )
    priority = attribute(4, UNSIGNED)
    warning_threshold = attribute(5, DOUBLE_LONG)
    limit = attribute(6, DOUBLE_LONG)
    credit_configuration = attribute(7, BIT_STRING, default=NO_FLAGS)
    credit_status = attribute(8, ENUM, dynamic=True, words=CREDIT_STATES)
    preset_credit_amount = attribute(9, DOUBLE_LONG)
    credit_available_threshold = attribute(10, DOUBLE_LONG)
    period = attribute(11, one_of(DATE_TIME, OCTET_STRING_DATE_TIME))

    @method(1, DOUBLE_LONG)
    def update_amount(self, data: int, now: float) -> None:
        """Add to the amount; refused where the sum has no place."""
        self.put(2, _sum(self, self.current_credit_amount, data), now)

    @method(2, DOUBLE_LONG)
    def set_amount_to_value(self, data: int, now: float) -> None:
        """Give the amount a value."""
        self.put(2, data, now)

    @method(3, INTEGER)
    def invoke_credit(self, data: int, now: float) -> None:
        """Invoke the credit; refused when it is not selectable."""
        if self.credit_status != SELECTABLE:
            raise declined(self, "invoke_credit: the credit is not selectable")
        self.put(8, INVOKED, now)


CHARGE_TABLE: Final = array(structure(index=OCTET_STRING, charge_per_unit=LONG))
UNIT_CHARGE: Final = structure(
    charge_per_unit_scaling=structure(commodity_scale=INTEGER, price_scale=INTEGER),
    commodity_reference=structure(class_id=LONG_UNSIGNED, logical_name=octets(6), attribute_index=INTEGER),
    charge_table=CHARGE_TABLE,
)


class Charge(InterfaceClass, class_id=113, methods_at=0x68, clause=blue_book("4.6.4")):
    """Charge: one of the charges that are collected from the credits of an account. *period* in seconds.

    *charge_configuration*, first bit first: percentage based collection, continuous collection. At its activation time
    the passive unit charge becomes the active one by itself.
    """

    total_amount_paid = attribute(2, DOUBLE_LONG, dynamic=True)
    charge_type = attribute(
        3,
        ENUM,
        words={0: "consumption-based collection", 1: "time-based collection", 2: "payment-event-based collection"},
    )
    priority = attribute(4, UNSIGNED)
    unit_charge_active = attribute(5, UNIT_CHARGE)
    unit_charge_passive = attribute(6, UNIT_CHARGE)
    unit_charge_activation_time = attribute(7, OCTET_STRING_DATE_TIME)
    period = attribute(8, DOUBLE_LONG_UNSIGNED)
    charge_configuration = attribute(9, BIT_STRING, default=NO_FLAGS)
    last_collection_time = attribute(10, DATE_TIME, dynamic=True)
    last_collection_amount = attribute(11, DOUBLE_LONG, dynamic=True)
    total_amount_remaining = attribute(12, DOUBLE_LONG, dynamic=True)
    proportion = attribute(13, LONG_UNSIGNED)

    def set_up(self) -> None:
        """Remember which activation time has passed."""
        self._passed = UNSPECIFIED

    @method(1, CHARGE_TABLE)
    def update_unit_charge(self, data: list[Any], now: float) -> None:
        """Give the passive unit charge new prices; those of other indices stay."""
        scaling, commodity, table = self.unit_charge_passive
        prices = dict(table) | dict(data)
        if len(prices) > MOST:
            raise declined(self, f"takes no more than {MOST} prices")
        self.put(6, (scaling, commodity, list(prices.items())), now)

    @method(2, INTEGER)
    def activate_passive_unit_charge(self, data: int, now: float) -> None:
        """Let the passive unit charge become the active one."""
        self.put(5, self.unit_charge_passive, now)

    collect = out_of_reach(3, INTEGER, "Collect the charge from the credit in use.")

    @method(4, DOUBLE_LONG)
    def update_total_amount_remaining(self, data: int, now: float) -> None:
        """Add to what remains to be paid; refused where the sum has no place."""
        self.put(12, _sum(self, self.total_amount_remaining, data), now)

    @method(5, DOUBLE_LONG)
    def set_total_amount_remaining(self, data: int, now: float) -> None:
        """Give what remains to be paid a value."""
        self.put(12, data, now)

    def next_due(self) -> float | None:
        """When the passive unit charge becomes the active one."""
        when = self.unit_charge_activation_time
        return None if when == self._passed else due(self, when)

    def run(self, now: float) -> None:
        """Change the unit charge when it is time."""
        when = self.next_due()
        if when is not None and when <= now:
            self._passed = self.unit_charge_activation_time
            self.put(5, self.unit_charge_passive, now)


def _sum(obj: InterfaceClass, amount: int, change: int) -> int:
    """*amount* and *change* together, where a double-long can hold them."""
    if not -_LARGEST - 1 <= amount + change <= _LARGEST:
        raise declined(obj, f"amount {amount} + {change}")
    return amount + change
