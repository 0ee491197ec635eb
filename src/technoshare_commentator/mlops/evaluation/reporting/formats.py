"""Numbers, times and text as people read them; the filters of the templates.

A value of None is unknown and is shown as a dash, never as zero.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from technoshare_commentator.mlops.evaluation.session_results import Interval

UNKNOWN = _DASH = "\N{EN DASH}"
_MILLISECOND = 0.001
_TEN_SECONDS = 10
_MINUTE = 60
_HOUR = 3600
_CENT = 0.01
_NEARLY_ONE = 0.995  # rounds to 1.00
_LEAST_P = 0.001
_HUNDRED = 100
_MANY = 1000
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
_SEEN = str.maketrans({**_CONTROLS, 0x7F: 0x2421, 0x0D: None})


def seen(text: str) -> str:
    """Return text with pictures in place of control characters, and without lone surrogates, which no file takes."""
    if text.isprintable():
        return text
    return text.translate(_SEEN).encode(errors="replace").decode()


def duration(seconds: float | None) -> str:
    """Seconds as `340 ms`, `1.24 s`, `2 min 05 s` or `1 h 02 min`."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms" if 0 < seconds < _TEN_SECONDS * _MILLISECOND else f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.2f} s" if seconds < _TEN_SECONDS else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def dollars(cost: float | None) -> str:
    """US dollars to the cent, or to two significant digits below one."""
    if cost is None or not math.isfinite(cost):
        return UNKNOWN
    if cost == 0 or abs(cost) >= 1:
        return f"${cost:,.2f}" if cost else "$0"
    return f"${cost:.3f}" if abs(cost) >= _CENT else f"${_plain(cost, 2)}"


def percent(share: float | None) -> str:
    """A share of 1 as a percentage with one decimal, and with none where there is nothing behind it."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    return f"{share * _HUNDRED:.1f}".removesuffix(".0") + "%"


def trimmed(text: str) -> str:
    """A quantity without zeros at its end, for an axis: `2.00 s` is `2 s`."""
    return re.sub(r"(\.\d*?)0+(?!\d)", lambda found: found[1].rstrip("."), text)


def number(value: float | None) -> str:
    """Any number to three significant digits; whole ones whole, with separators."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if float(value).is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - beyond that, digits are noise
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= _HUNDRED else _plain(value, 3)


def short_number(value: float) -> str:
    """A number in four characters or so, for the cells of a matrix: `.82`, `1`, `12`, `1.2k`."""
    if abs(value) >= _MANY:
        return f"{value / _MANY:.1f}k" if abs(value) < _HUNDRED * _MANY else f"{value:.0e}"
    if float(value).is_integer():
        return f"{value:.0f}"
    decimals = 2 if abs(value) < _NEARLY_ONE else 1 if abs(value) < _HUNDRED else 0
    text = f"{value:.{decimals}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def points(difference: float) -> str:
    """A difference of shares in percentage points, signed and without the unit."""
    return signed(f"{difference * _HUNDRED:.1f}")


def signed_number(difference: float) -> str:
    """A difference of numbers, signed."""
    return signed(_plain(difference, 3))


def p_value(value: float | None) -> str:
    """A p-value to two significant digits; below a thousandth only that."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return "< 0.001" if value < _LEAST_P else _plain(value, 2)


def percent_range(interval: Interval | None) -> str:
    """An interval of a share."""
    return f"{percent(interval.low).removesuffix('%')}{_DASH}{percent(interval.high)}" if interval else ""


def number_range(interval: Interval | None) -> str:
    """An interval of a number."""
    return f"{number(interval.low)} to {number(interval.high)}" if interval else ""


def moment(text: str) -> str:
    """A time in ISO 8601 as `2026-01-05 09:00 UTC`; whatever else it is stays as it is."""
    try:
        parsed = datetime.fromisoformat(text)
        zone = " UTC" if parsed.tzinfo else ""
        return (parsed.astimezone(UTC) if zone else parsed).strftime(f"%Y-%m-%d %H:%M{zone}")
    except (ValueError, OverflowError):
        return text


def shortened(value: object, limit: int = 600) -> str:
    """The text of a tag or a setting, which should be short but need not be."""
    text = str(value)
    return text if len(text) <= limit else f"{text[:limit]} … cut, {plural(len(text) - limit, 'character')} more"


def breakable(name: str) -> Markup:
    """A name that may be broken after an underscore or a dot, where there is little room."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - only reports need it

    return escape(seen(name)).replace("_", Markup("_<wbr>")).replace(".", Markup(".<wbr>"))


def plural(count: int, noun: str, several: str = "") -> str:
    """`1 case`, `1,200 cases`."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def signed(text: str) -> str:
    """A number's text with a sign that is as wide as a plus; a zero has none."""
    if not any(digit in text for digit in "123456789"):
        return text.removeprefix("-")
    return text.replace("-", "\N{MINUS SIGN}", 1) if text.startswith("-") else f"+{text}"


def _plain(value: float, digits: int) -> str:
    """Significant digits without an exponent, down to a millionth of a millionth."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    return f"{float(text):.12f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:,.0f}"
