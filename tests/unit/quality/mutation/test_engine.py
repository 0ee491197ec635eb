from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_case import good_case
from mutation_results import result_of
from technoshare_commentator.domain import Job, LinkResult, SlackMessage
from technoshare_commentator.mlops.evaluation.scorer import Scorer, scorer
from technoshare_commentator.quality.example import CommentaryExample
from technoshare_commentator.quality.mutation.engine import MutationEngine, Original
from technoshare_commentator.quality.mutation.mutation import Mutation, mutation, spots, with_item
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from random import Random

EXAMPLE = CommentaryExample(id="a", url="https://a.example", slack_text="https://a.example", page="a.html")


def render(result: LinkResult) -> SlackMessage:
    assert result.evidence is not None
    assert result.commentary is not None
    return render_message(Job(id="j"), result.evidence, result.commentary)


def originals(*names: str) -> list[Original]:
    return [Original(name, result_of(good_case()), EXAMPLE) for name in names]


@mutation
def shouted(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item is written in capitals."""
    spot = spots(result, rng)[0]
    return with_item(result, spot, spot.text.upper())


@mutation
def unseen(result: LinkResult, rng: Random) -> LinkResult | None:
    """A line break that the renderer folds away."""
    del rng
    assert result.commentary is not None
    first, *rest = result.commentary.tldr
    tldr = (first.replace(" ", "\n", 1), *rest)
    return result.model_copy(
        update={"commentary": result.commentary.model_copy(update={"tldr": tldr}), "message": None}
    )


@scorer
def quiet(result: LinkResult) -> bool:
    assert result.message is not None
    return not any(line.isupper() for line in result.message.text.split("\n") if line.startswith("• "))


@scorer
def never_happy(result: LinkResult) -> bool:
    return result.message is None


@scorer
def clumsy(result: LinkResult) -> bool:
    raise KeyError(result.url)


def engine(*scorers: Scorer, seed: int = 0) -> MutationEngine:
    return MutationEngine(scorers, render, seed)


def test_a_mutant_is_caught_by_the_scorer_that_flags_it_and_passed_its_original() -> None:
    report = engine(quiet).run([shouted], originals("a", "b"))
    assert [mutant.caught_by for mutant in report.mutants] == [("quiet",), ("quiet",)]
    assert (report.caught.count, report.caught.total, report.flagged.count) == (2, 2, 0)
    assert report.holds(caught=1, flagged=0)


def test_a_flag_that_the_original_carries_too_is_no_catch() -> None:
    report = engine(never_happy).run([shouted], originals("a"))
    assert report.survivors == report.mutants
    assert report.originals[0].flagged_by == ("never_happy",)
    assert not report.holds(caught=0, flagged=0.5)


def test_a_crash_is_neither_a_catch_nor_good_enough() -> None:
    report = engine(quiet, clumsy).run([shouted], originals("a"))
    assert report.mutants[0].caught_by == ("quiet",)
    assert report.crashes == {"untouched/a": ("clumsy",), "shouted/a/0": ("clumsy",)}
    assert not report.holds(caught=0, flagged=1)


def test_what_a_reader_cannot_see_is_no_mutant() -> None:
    report = engine(quiet).run([unseen], originals("a"))
    assert report.mutants == ()
    assert (report.caught.value, report.caught.interval) == (0.0, None)


def test_a_changed_commentary_is_rendered_anew() -> None:
    [original] = originals("a")
    mutant = engine().mutant(shouted, original)
    assert mutant is not None
    assert mutant.result.message == render(mutant.result)
    assert mutant.result.message != original.result.message


def test_the_same_seed_makes_the_same_report_and_another_seed_other_mutants() -> None:
    many = originals(*"abcdefgh")
    first = [engine(quiet, seed=1).mutant(shouted, one) for one in many]
    assert first == [engine(quiet, seed=1).mutant(shouted, one) for one in many]
    assert first != [engine(quiet, seed=2).mutant(shouted, one) for one in many]
    assert engine(quiet).run([shouted], many) == engine(quiet).run([shouted], many)


def test_a_mutant_does_not_depend_on_who_else_is_broken() -> None:
    one, two = originals("a", "b")
    alone = list(engine().mutants(shouted, [two]))
    assert alone == [mutant for mutant in engine().mutants(shouted, [one, two]) if mutant.original is two]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_a_limit_is_how_many_mutants_of_a_mutation_are_made_at_most_spread_over_the_pages(limit: int) -> None:
    made = list(engine().mutants(shouted, originals("a", "b", "c"), limit))
    assert len(made) == limit
    assert len({mutant.original.name for mutant in made}) == min(limit, 3)
    assert len({mutant.name for mutant in made}) == limit


def test_without_originals_there_is_nothing_to_break() -> None:
    report = engine(quiet).run([shouted], [])
    assert (report.mutants, report.originals) == ((), ())


def test_a_tally_counts_by_scorer() -> None:
    [tally] = engine(quiet, never_happy).run([shouted], originals("a", "b")).tallies
    assert (tally.mutation, tally.made, tally.caught, tally.by_scorer) == ("shouted", 2, 2, {"quiet": 2})


def test_whoever_watches_hears_of_every_mutant() -> None:
    heard: list[int] = []
    engine(quiet).run([shouted, unseen], originals("a", "b"), told=heard.append)
    assert heard == [1, 1]


def test_mutations_are_named_after_their_functions() -> None:
    assert isinstance(shouted, Mutation)
    assert (shouted.name, shouted.description) == ("shouted", "An item is written in capitals.")
