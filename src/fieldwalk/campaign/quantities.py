"""Numbers as people write them in YAML, and physical rigidities.

YAML hands ``5/3`` and ``1e-3`` over as text, so text is read here, by one grammar for the whole campaign
file. A rigidity may also carry a unit, ``10 TV``; it becomes r_g/L_c once the field strength and the
correlation length are known.
"""

import math
import re
from fractions import Fraction

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
NUMBER_PATTERN = rf"^\s*{_NUMBER}\s*(?:/\s*{_NUMBER}\s*)?$"
"""A decimal number or a quotient of two; within what ECMAScript understands, as the JSON schema quotes it."""
QUANTITY_PATTERN = rf"^\s*({_NUMBER})\s*([A-Za-z]+)\s*$"
"""A decimal number and a unit."""

_NUMBER_TEXT = re.compile(NUMBER_PATTERN, re.ASCII)
_QUANTITY_TEXT = re.compile(QUANTITY_PATTERN, re.ASCII)
_MOST_DIGITS = 400
"""Longer text is no number that anybody meant, and exact quotients of it would take for ever."""


def parse_number(value: object) -> float:
    """Read a finite number from what a YAML file holds.

    Parameters
    ----------
    value : object
        An int, a float, or text such as ``1e-3`` or ``5/3``. A boolean is no number, although Python thinks
        so.

    Returns
    -------
    float
        The number; a negative zero becomes zero, because the two would make two identities of one point.

    Raises
    ------
    ValueError
        If the value is anything else, infinite or not a number.
    """
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    if isinstance(value, str):
        if len(value) > _MOST_DIGITS or not _NUMBER_TEXT.match(value):
            raise ValueError("must be a number such as 0.5, 1e-3 or 5/3")
        return _quotient(*value.split("/"))
    if not isinstance(value, int | float):
        raise ValueError("must be a number such as 0.5, 1e-3 or 5/3")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("must be a number that fits double precision") from None
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number + 0.0


def _quotient(numerator: str, denominator: str = "1") -> float:
    """Divide two decimal texts exactly and round once, so that 5/3 is the double nearest to it."""
    top, bottom = float(numerator), float(denominator)
    if bottom == 0.0:
        raise ValueError("must not divide by zero")
    if not (math.isfinite(top) and math.isfinite(bottom)):
        raise ValueError("must be a finite number")
    if top == 0.0:
        return 0.0
    try:
        # Neither is zero or infinite as a double, so their exact quotient is small enough to form.
        number = float(Fraction(numerator.strip()) / Fraction(denominator.strip()))
    except (OverflowError, ZeroDivisionError):
        raise ValueError("must be a number that fits double precision") from None
    return number + 0.0


def is_quantity(value: object) -> bool:
    """Tell whether a value is text made of a number and a unit, such as ``10 TV``."""
    return isinstance(value, str) and _QUANTITY_TEXT.match(value) is not None


def parse_rigidity_in_volts(text: str) -> float:
    """Read a rigidity with a unit.

    Parameters
    ----------
    text : str
        A number and a unit of voltage, such as ``10 TV`` or ``3e3 GV``.

    Returns
    -------
    float
        The rigidity in volts.

    Raises
    ------
    ValueError
        If the text is no quantity, or its unit is unknown or measures anything but a voltage.
    """
    from astropy import units  # a third of a second, and only some campaigns need it

    match = _QUANTITY_TEXT.match(text)
    if match is None:
        raise ValueError("must be a number with a unit, such as 10 TV")
    remedy = "a rigidity is momentum per charge: write it in GV, TV or PV"
    try:
        unit = units.Unit(match[2])
    except ValueError:
        raise ValueError(f"has the unknown unit {match[2]}; {remedy}") from None
    if not unit.is_equivalent(units.V):
        raise ValueError(f"has the unit {match[2]}, which is no voltage; {remedy}")
    volts = parse_number(match[1]) * float(unit.to(units.V))
    if not math.isfinite(volts):
        raise ValueError("must be a number that fits double precision")
    return volts


def gyroradius_in_correlation_lengths(
    rigidity_volts: float, magnetic_field_microgauss: float, correlation_length_pc: float
) -> float:
    """Return r_g/L_c with r_g = R/(B_tot c), B_tot the total rms field.

    Parameters
    ----------
    rigidity_volts : float
        Rigidity R in volts.
    magnetic_field_microgauss : float
        Total rms field B_tot in microgauss.
    correlation_length_pc : float
        Correlation length L_c in parsecs.

    Returns
    -------
    float
        r_g/L_c, rounded to 12 significant digits: the last bits of a chain of conversions are no physics
        and must not make a new point.
    """
    from astropy import constants, units

    field = magnetic_field_microgauss * 1e-6 * units.G
    radius = (rigidity_volts * units.V / (field * constants.c)).to_value(units.pc)
    return float(f"{float(radius) / correlation_length_pc:.12g}")
