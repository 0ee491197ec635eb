"""The numbers of a text, brought to one form: `1,000` is `1000`, `40k` is 40,000, `1500 ms` is `1.5 seconds`.

What tells one number from another is kept: `3.1` and `3.10` are two versions, `40 %` and `40 ms` are two quantities.
Digits inside a name (`H100`, `GPT-4`, `CVE-2024-1`) belong to the name and are no quantity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.quantity import Quantity, plain
from technoshare_commentator.quality.grounding.language.spans import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIMENSIONS: dict[str, dict[str, str]] = {
    "percent": {"1": "% percent percentage pct"},
    "times": {"1": "x \u00d7 X fold times"},
    "time": {
        "0.000000001": "ns nanosecond nanoseconds",
        "0.000001": "us µs μs microsecond microseconds",
        "0.001": "ms msec millisecond milliseconds",
        "1": "s sec secs second seconds",
        "60": "min mins minute minutes",
        "3600": "h hr hrs hour hours",
        "86400": "day days",
        "604800": "week weeks",
    },
    "months": {"1": "month months", "12": "year years yr yrs"},
    "bytes": {
        "1": "byte bytes",
        "1000": "kB KB kilobyte kilobytes",
        "1024": "KiB",
        "1000000": "MB megabyte megabytes",
        "1048576": "MiB",
        "1000000000": "GB gigabyte gigabytes",
        "1073741824": "GiB",
        "1000000000000": "TB terabyte terabytes",
        "1099511627776": "TiB",
        "1000000000000000": "PB petabyte petabytes",
    },
    "dollars": {"1": "$ USD dollar dollars", "0.01": "cent cents"},
    "euros": {"1": "€ EUR euro euros"},
    "pounds": {"1": "£ GBP"},
    "yen": {"1": "¥ JPY yen"},
}
_UNITS = {
    name: (dimension, Decimal(factor))
    for dimension, factors in _DIMENSIONS.items()
    for factor, names in factors.items()
    for name in names.split()
}
_SCALES = {
    name: Decimal(factor)
    for factor, names in {
        10**3: "k K thousand",
        10**6: "M mn mln million",
        10**9: "B bn billion",
        10**12: "T trillion",
    }.items()
    for name in names.split()
}
UNIT_WORDS = frozenset(word.lower() for word in _UNITS if len(word) > 1)
# After a space only what nothing else is written like: "5 M", "3 x", "7 B" and "2 T" stay bare numbers.
_DETACHED_UNITS = _UNITS.keys() - {"x", "X", "times", "fold"}
_DETACHED_SCALES = {name for name in _SCALES if len(name) > 1}
_SMALL = """
    zero one two three four five six seven eight nine ten
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SPELLED_VALUES = {word: Decimal(value) for value, word in enumerate(_SMALL.split())} | {
    word: Decimal(10 * place) for place, word in enumerate(_TENS.split(), start=2)
}
_SPELLED_SCALES = {"hundred": Decimal(100), "dozen": Decimal(12)} | {
    word: value for word, value in _SCALES.items() if len(word) > len("mln")
}
_MULTIPLES = {"twice": 2, "double": 2, "doubles": 2, "doubled": 2, "triple": 3, "triples": 3, "tripled": 3}

_NUMBER = re.compile(r"[0-9]+(?:[,_'\u2019][0-9]{3}(?![0-9]))*(?:\.[0-9]+)*|(?<![\w.])\.[0-9]+")
_EXPONENT = re.compile(r"[eE][-+]?[0-9]{1,3}(?!\w)")
_ATTACHED = re.compile(r"\.x(?!\w)|[^\W\d_]+|[%\u00d7]")
_DETACHED = re.compile(
    r"[\s-]?(?:(?:extra|additional|more|further|fewer|less|full|whole|entire|working|consecutive)\s)?"
    r"([%\u00d7]|[^\W\d_]+)(?![\d_])"
)
_RANGE = re.compile(r"\s?(?:[-\u2013\u2014/~]|to|and|or|instead of)\s?")
_DECADE = re.compile(r"[12][0-9]{3}s$")
_CURRENCY_BEFORE = re.compile(r"[$€£¥]\s?$")
_GLUED_BEFORE = re.compile(r"[0-9][x\u00d7]$")  # the second number of 1920x1080
_VERSION_OR_PERCENTILE = re.compile(r"(?<!\w)(?:v(?=[0-9])|[pP](?=[5-9][0-9](?![0-9])))")
_NAME_BEFORE = re.compile(r"[^\W\d][\w.]*(?:[-._/:][\w.]*)*[-._/:]$")
_ORDINALS = frozenset(("st", "nd", "rd", "th"))
_ONES = "|".join(_SMALL.split()[1:10])
_BELOW_HUNDRED = rf"(?:(?:{_TENS.strip().replace(' ', '|')})(?:[\s-](?:{_ONES}))?|{'|'.join(_SMALL.split())})"
_SCALED = rf"(?:{_BELOW_HUNDRED}[\s-])?(?:{'|'.join(_SPELLED_SCALES)})"
_JOINT = r"(?:\s|-|\sand\s)"
_SPELLED = re.compile(  # "one hundred and five", not the two numbers of "five ten-minute runs"
    rf"\b(?<![0-9][\s-])(?:{_SCALED}(?:{_JOINT}{_SCALED}){{0,5}}(?:{_JOINT}{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})\b",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(rf"\b(?:{'|'.join(_MULTIPLES)})\b", re.IGNORECASE)
_LARGEST_COUNT = 10  # "three ways" is often the writer's own count and true, "fifteen" is quoted
_LONGEST_NUMBER = 200  # digits; a longer one is a text to compare and nothing to work with
_LOOK = 40  # characters around a number that can tell what it is part of


@dataclass(frozen=True)
class _Suffix:
    scale: Decimal = Decimal(1)
    factor: Decimal = Decimal(1)
    dimension: str = ""
    end: int = 0


def quantities(text: str) -> Iterator[Quantity]:
    """Yield every number of `text`, in digits and in words, with the readings it implies."""
    yield from joined(text, _written(text))
    for spelled in _SPELLED.finditer(text):
        value = _spelled_value(spelled.group())
        suffix = _detached(text, spelled.end(), _Suffix(end=spelled.end()))
        yield _quantity(text, spelled.start(), suffix, str(value))
    for multiple in _MULTIPLE.finditer(text):
        value = Decimal(_MULTIPLES[multiple.group().lower()])
        yield Quantity(multiple.group(), str(value), value, "times", multiple.start(), implied=True)


def is_counted(quantity: Quantity) -> bool:
    """Whether a text must answer for this number: not for an implied one, nor for a bare "three" or "ten" in words."""
    small_word = _SPELLED_VALUES.get(quantity.text.lower(), _LARGEST_COUNT + 1) <= _LARGEST_COUNT
    return not quantity.implied and not small_word


def _written(text: str) -> Iterator[Quantity]:
    bare: tuple[int, int, str] | None = None
    read = 0
    for number in _NUMBER.finditer(text):
        if number.start() < read:  # the exponent of the number before
            continue
        digits, last = number.group(), bare
        suffix, bare = _suffix(text, number), None
        if suffix is None:
            continue
        read = suffix.end
        current = _quantity(text, number.start(), suffix, digits)
        yield current
        if not suffix.dimension and suffix.scale == 1:
            bare = number.start(), suffix.end, digits
        elif last and current.value and _RANGE.fullmatch(text, last[1], number.start()):
            implied = replace(_quantity(text, number.start(), suffix, last[2]), start=last[0])
            ranged = text[last[1] : number.start()].strip() in {"to", "instead of"}
            if implied.value and (implied.value < current.value or ranged):
                yield replace(implied, implied=True)


def _suffix(text: str, number: re.Match[str]) -> _Suffix | None:
    """Read what follows and precedes a number; None when it is part of a name."""
    before = text[max(0, number.start() - _LOOK) : number.start()]
    marked = _VERSION_OR_PERCENTILE.match(text, number.start() - 1) if before else None
    if before[-1:].isalpha() or before.endswith("_"):
        if not (marked or _GLUED_BEFORE.search(before)):
            return None
    elif (name := _NAME_BEFORE.search(before)) and name.group() != name.group().lower():
        return None
    suffix = _attached(text, number.end())
    if suffix and (currency := _CURRENCY_BEFORE.search(before)):
        suffix = _Suffix(suffix.scale, Decimal(1), _UNITS[currency.group()[0]][0], suffix.end)
    return suffix


def _attached(text: str, end: int) -> _Suffix | None:
    """Read a suffix right behind the digits (`40k`, `5ms`, `3rd`, `2x`); None when it makes a name of them."""
    if exponent := _EXPONENT.match(text, end):
        return _Suffix(scale=Decimal(f"1{exponent.group()}"), end=exponent.end())
    match = _ATTACHED.match(text, end)
    if match is None:
        return None if text[end : end + 1] == "_" else _detached(text, end, _Suffix(end=end))
    word, behind, end = match.group(), end, match.end()
    glued = text[end : end + 1]
    if (glued.isdigit() and word not in "x\u00d7") or glued == "_":
        return None
    if word in _ORDINALS or word == ".x" or _DECADE.search(text, max(0, behind - 4), end):
        return _Suffix(end=end)
    if word in _UNITS:
        dimension, factor = _UNITS[word]
        return _Suffix(Decimal(1), factor, dimension, end)
    return _detached(text, end, _Suffix(scale=_SCALES[word], end=end)) if word in _SCALES else None


def _detached(text: str, end: int, suffix: _Suffix) -> _Suffix:
    """Add a scale and a unit that follow after a space or hyphen: `3.5 million dollars`, `40 percent`, `5-minute`."""
    for _ in range(2):
        match = _DETACHED.match(text, end)
        word = match.group(1) if match else ""
        if match and word in _DETACHED_SCALES and suffix.scale == 1:
            suffix = _Suffix(_SCALES[word], end=match.end())
            end = match.end()
        elif match and (word in _DETACHED_UNITS or (word == "times" and text[end : end + 1] == " ")):
            dimension, factor = _UNITS[word]
            return _Suffix(suffix.scale, factor, dimension, match.end())
    return suffix


def _quantity(text: str, start: int, suffix: _Suffix, digits: str) -> Quantity:
    exact = re.sub(r"[,_'\u2019]", "", digits)
    written = text[start : suffix.end].strip()
    if exact.count(".") > 1 or len(exact) > _LONGEST_NUMBER:
        return Quantity(written, exact, None, "", start)
    exact = re.sub(r"^0+(?=\d)", "", re.sub(r"\.0+$", "", exact) or "0")
    exact = f"0{exact}" if exact.startswith(".") else exact
    value = Decimal(exact) * suffix.scale
    if suffix.scale != 1:
        exact = plain(value)
    return Quantity(written, exact, value * suffix.factor, suffix.dimension, start)


@lru_cache(maxsize=65536)
def starts_with_quantity(word: str) -> bool:
    """Whether a word is or begins with a number in its own right: `40k`, `8-GPU`, `v1.2`, `p99`, but not `3D`."""
    first = next(quantities(word), None)
    marked = _VERSION_OR_PERCENTILE.match(word)
    return first is not None and first.start == (marked.end() if marked else 0)


def _spelled_value(words: str) -> Decimal:
    """Read a number in words: "three million", "forty-two", "one hundred and five", "a dozen"."""
    total = current = Decimal(0)
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _SPELLED_VALUES:
            current += _SPELLED_VALUES[word]
        elif word in _SPELLED_SCALES:
            current = max(current, Decimal(1)) * _SPELLED_SCALES[word]
            if _SPELLED_SCALES[word] >= _SCALES["thousand"]:
                total, current = total + current, Decimal(0)
    return total + current
