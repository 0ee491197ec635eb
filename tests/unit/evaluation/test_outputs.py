"""Outputs that outlive their process come back as they were, or not at all."""

from __future__ import annotations

import collections
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kept_types as kt
from technoshare_commentator.mlops.evaluation.running.outputs import KeptOutput, keep, restore
from technoshare_commentator.mlops.strict_json import dump

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
TIMES = st.datetimes(timezones=st.none() | st.just(dt.UTC))
FACTS = st.builds(kt.Fact, TEXT, st.lists(st.integers()).map(tuple), st.none() | TIMES)
COLOURS = st.dictionaries(TEXT, st.sampled_from(kt.Colour), max_size=3)
ANSWERS = st.builds(kt.Answer, st.lists(FACTS, max_size=2), COLOURS, st.sets(st.integers(), max_size=3), JSON)
PRICES = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
PARTS = st.builds(kt.Part, partName=TEXT, price=PRICES, day=st.none() | st.dates(), key=st.none() | st.uuids())
WHOLES = st.builds(
    kt.Whole,
    parts=st.lists(PARTS, max_size=2).map(tuple),
    point=st.builds(kt.Point, st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    colour=st.none() | st.sampled_from(kt.Colour),
    words=st.dictionaries(st.sampled_from(kt.Word), st.integers()),
)


def wired(kept: KeptOutput) -> KeptOutput:
    """As another process reads it."""
    return KeptOutput.model_validate_json(dump(kept))


@given(JSON | ANSWERS | WHOLES | FACTS | PARTS | st.sets(st.integers()) | st.binary() | TIMES)
def test_plain_values_models_and_dataclasses_come_back_as_they_were(output: Any) -> None:
    kept = keep(output)
    assert kept is not None or isinstance(output, bytes)  # such as are no text
    assert kept is None or restore(wired(kept)) == output


ODD = (
    JSON
    | st.binary()
    | st.tuples(JSON, JSON)
    | st.dictionaries(st.integers() | st.booleans() | TEXT, SCALARS, max_size=3)
    | st.frozensets(st.integers() | TEXT, max_size=3)
    | st.sampled_from([*kt.Colour, *kt.Word, *kt.Level, Decimal("1.10"), kt.Slotted("x"), float("nan"), 1j, Ellipsis])
    | FACTS
    | WHOLES
    | TIMES
)


@given(st.recursive(ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)))
def test_whatever_comes_back_is_of_the_same_types_throughout(output: Any) -> None:
    kept = keep(output)
    if kept is not None:
        copy = restore(wired(kept))
        assert copy == output
        assert shape(copy) == shape(output)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [dict, *((type(key), key, shape(part)) for key, part in value.items())]
    if isinstance(value, list | tuple):
        return [type(value), *map(shape, value)]
    if isinstance(value, set | frozenset):
        return [type(value), collections.Counter(map(type, value))]
    return type(value)


@pytest.mark.parametrize(
    "output",
    [
        None,
        10**40,
        -0.0,
        "",
        b"text",
        kt.Colour.BLUE,
        kt.Word.HI,
        kt.Point(1, 2.0),
        kt.Slotted("x"),
        (1, [2]),
        collections.OrderedDict(a=1),
        dt.timedelta(seconds=1),
        uuid.UUID(int=7),
        Decimal("1.10"),
        kt.Loose(text="x", more=[1]),
    ],
    ids=lambda output: type(output).__name__,
)
def test_these_come_back(output: Any) -> None:
    kept = keep(output)
    assert kept is not None
    copy = restore(wired(kept))
    assert (type(copy), repr(copy)) == (type(output), repr(output))


def _noted() -> kt.Answer:
    answer = kt.Answer([], {}, set())
    answer.__dict__["raw"] = "what a client left there"
    return answer


def _private() -> kt.Loose:
    loose = kt.Loose(text="x")
    loose._note = "private"
    return loose


class Local:
    """Cannot be found where it says it is, in a module that no other process imports by that name."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # nobody puts it into a set


@pytest.mark.parametrize(
    "output",
    [
        float("nan"),
        [float("inf")],
        "\ud83d",
        b"\xff",
        {1: "a"},
        [(1, 2)],
        [kt.Word.HI],  # equal to its text
        [kt.Level.HIGH],
        {"counts": collections.Counter("aab")},
        [np.float64(0.5)],
        np.zeros(2),
        kt.Answer([], {}, set(), anything=kt.Fact("x")),
        kt.Answer([], {}, set(), unseen=kt.Fact("x")),  # which == does not look at
        kt.Answer([], {}, set(), anything=kt.Word.HI),
        kt.Whole(parts=(kt.Special(partName="x"),)),
        kt.Loose(text="x", left_out="y"),
        kt.Loose(text="x", more=kt.Word.HI),
        _noted(),
        _private(),
        Local(),
        object(),
        len,
        range(3),
        iter(()),
    ],
    ids=lambda output: type(output).__name__,
)
def test_what_would_come_back_as_something_else_is_not_kept(output: Any) -> None:
    assert keep(output) is None


def test_a_value_inside_itself_is_not_kept() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert keep(loop) is None


@pytest.mark.parametrize(
    "kept",
    [
        KeptOutput(type_name="kept_types:Changed", content='{"words": "of an earlier version"}'),
        KeptOutput(type_name="kept_types:Gone", content="{}"),
        KeptOutput(type_name="no_such_module:Part", content="{}"),
        KeptOutput(type_name="builtins:dict", content='{"cut'),
    ],
    ids=["changed", "gone", "no module", "cut"],
)
def test_a_type_that_is_not_what_it_was_is_an_error(kept: KeptOutput) -> None:
    with pytest.raises((ValueError, AttributeError, ImportError)):
        restore(kept)
