from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement

COUNTS = st.tuples(*(st.integers(0, 300) for _ in range(4)))


def both_sides_vary(caught: int, missed: int, false_alarms: int, cleared: int) -> bool:
    labels, verdicts = (caught + missed, false_alarms + cleared), (caught + false_alarms, missed + cleared)
    return all((*labels, *verdicts))


@settings(deadline=None)  # the first kappa brings scikit-learn
@given(COUNTS)
def test_kappa_and_its_error_are_those_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    assume(both_sides_vary(*counts))
    caught, missed, false_alarms, cleared = counts
    found, known = Agreement(*counts), cohens_kappa([[caught, missed], [false_alarms, cleared]])
    assert found.kappa == pytest.approx(known.kappa, abs=1e-9)
    # A root of a difference that is nearly nothing has half of its digits.
    assert found.kappa_error == pytest.approx(known.std_kappa, abs=1e-7 if known.std_kappa < 1e-6 else 1e-9)
    assert found.kappa_interval is not None
    if found.agreed < found.pairs:
        assert found.kappa_interval.low == pytest.approx(max(-1.0, known.kappa_low), abs=1e-9)
        assert found.kappa_interval.high == pytest.approx(min(1.0, known.kappa_upp), abs=1e-9)


@settings(deadline=None)  # the first kappa brings scikit-learn
@given(COUNTS)
def test_every_table_has_numbers_in_their_range_or_says_why_not(counts: tuple[int, int, int, int]) -> None:
    found = Agreement(*counts)
    for number in (found.rate, found.precision, found.recall, found.f1):
        assert number is None or 0 <= number <= 1
    assert (found.kappa_interval is None) == bool(found.note)
    if found.kappa is None:
        assert math.isnan(found.kappa_error)
        assert "no pairs" in found.note or "every pair is labelled" in found.note
    else:
        assert -1 <= found.kappa <= 1
    if found.kappa is not None and found.kappa_interval is not None:
        assert -1 <= found.kappa_interval.low <= found.kappa <= found.kappa_interval.high <= 1


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_every_pair_of_verdicts_is_counted_once(verdicts: list[tuple[bool, bool]]) -> None:
    found = Agreement.of(verdicts)
    assert found.pairs == len(verdicts)
    assert found.agreed == sum(label == verdict for label, verdict in verdicts)
    assert found.caught + found.missed == sum(label for label, _ in verdicts)
    assert found.caught + found.false_alarms == sum(verdict for _, verdict in verdicts)


@settings(deadline=None)  # the first kappa brings scikit-learn
@given(COUNTS)
def test_kappa_does_not_ask_who_is_the_person_and_which_class_is_called_bad(counts: tuple[int, int, int, int]) -> None:
    assume(both_sides_vary(*counts))
    caught, missed, false_alarms, cleared = counts
    kappa = Agreement(*counts).kappa
    assert Agreement(caught, false_alarms, missed, cleared).kappa == pytest.approx(kappa, abs=1e-12)
    assert Agreement(cleared, false_alarms, missed, caught).kappa == pytest.approx(kappa, abs=1e-12)


def test_the_example_of_a_textbook() -> None:
    found = Agreement(caught=20, missed=5, false_alarms=10, cleared=15)
    assert [found.rate, found.kappa] == pytest.approx([0.7, 0.4])
    assert [found.precision, found.recall, found.f1] == pytest.approx([2 / 3, 0.8, 40 / 55])


def test_perfect_agreement_on_a_few_pairs_is_no_certainty() -> None:
    few, many = Agreement(5, 0, 0, 5), Agreement(500, 0, 0, 500)
    assert few.kappa == many.kappa == 1
    assert few.kappa_interval is not None
    assert many.kappa_interval is not None
    assert few.kappa_interval.low < 0.5
    assert many.kappa_interval.low > 0.98
    assert few.kappa_interval.high == many.kappa_interval.high == 1


@pytest.mark.parametrize(
    ("table", "kappa", "note"),
    [
        (Agreement(0, 0, 0, 0), None, "there are no pairs"),
        (Agreement(0, 0, 2, 7), None, "every pair is labelled good, and kappa needs both"),
        (Agreement(4, 3, 0, 0), None, "every pair is labelled bad, and kappa needs both"),
        (Agreement(0, 5, 0, 7), 0.0, "the scorer calls every pair good"),
        (Agreement(5, 0, 7, 0), 0.0, "the scorer calls every pair bad"),
    ],
)
def test_a_table_of_one_class_says_so(table: Agreement, kappa: float | None, note: str) -> None:
    assert (table.kappa, table.kappa_interval, table.note) == (kappa, None, note)
