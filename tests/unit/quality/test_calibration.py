from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement
from technoshare_commentator.mlops.evaluation.judging.calibration import JUDGE_MODEL, JUDGE_PROMPT
from technoshare_commentator.mlops.evaluation.scorer import Score, Scorer, scorer
from technoshare_commentator.quality.calibration import LABELLED, Labelled, chosen, measure
from technoshare_commentator.quality.labels import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.domain import Evidence, LinkResult


def no_page(name: str) -> Evidence:
    raise AssertionError(f"nobody should read {name}")


def pair(number: int, label: str, item: str, kind: str = "verbatim") -> Pair:
    return Pair.model_validate(
        {
            "id": f"p{number}",
            "split": "dev",
            "label": label,
            "kind": kind,
            "why": "Because.",
            "snippets": ["One passage."],
            "section": "tldr",
            "item": item,
        }
    )


PAIRS = (
    pair(1, "good", "fine"),
    pair(2, "good", "suspect"),
    pair(3, "bad", "suspect", "changed_figure"),
    pair(4, "bad", "fine", "changed_figure"),
    pair(5, "bad", "suspect", "off_topic"),
)


def judge(say: Callable[[str], Any]) -> Scorer:
    def say_of_item(result: LinkResult) -> Any:
        assert result.commentary is not None
        return say(result.commentary.tldr[0])

    return scorer(name="suspicion")(say_of_item)


SUSPICION = judge(lambda item: Score("suspicion", item == "fine", item == "fine", rationale=f"it is {item}"))


def test_a_scorer_is_counted_against_the_labels() -> None:
    found = measure(Labelled("faithfulness", SUSPICION), PAIRS, no_page)
    assert found.agreement == Agreement(caught=2, missed=1, false_alarms=1, cleared=1)
    assert [(one.pair.id, one.verdict, one.reason) for one in found.disagreements] == [
        ("p2", "bad", "it is suspect"),
        ("p4", "good", "it is fine"),
    ]
    assert found.by_kind == {"changed_figure": (1, 2), "off_topic": (1, 1), "verbatim": (1, 2)}


def test_a_crash_is_an_error_and_no_verdict() -> None:
    def crash_on_suspects(item: str) -> bool:
        if item == "suspect":
            raise ConnectionError("no model")
        return True

    found = measure(Labelled("faithfulness", judge(crash_on_suspects)), PAIRS, no_page)
    assert found.agreement == Agreement(caught=0, missed=1, false_alarms=0, cleared=1)
    assert [one.pair.id for one in found.errors] == ["p2", "p3", "p5"]
    assert {one.verdict for one in found.errors} == {"error"}
    assert "no model" in found.errors[0].reason


def test_pairs_are_judged_at_the_same_time() -> None:
    together = threading.Barrier(len(PAIRS), timeout=20)

    def wait(item: str) -> bool:
        together.wait()
        return item == "fine"

    found = measure(Labelled("faithfulness", judge(wait)), PAIRS, no_page, at_once=len(PAIRS))
    assert found.errors == ()


def test_a_judge_is_known_by_the_prompt_and_the_model_that_its_scores_name() -> None:
    who = {JUDGE_PROMPT: "taste/1/abc", JUDGE_MODEL: "tiny-1"}
    said = judge(lambda _: Score("suspicion", value=True, passed=True, source_type="LLM_JUDGE", metadata=who))
    found = measure(Labelled("faithfulness", said), PAIRS, no_page)
    assert found.judge == who
    assert found.speaks_as_judge
    assert measure(Labelled("faithfulness", SUSPICION), PAIRS, no_page).judge == {}


def test_scores_of_several_judges_are_no_calibration_of_one() -> None:
    said = judge(lambda item: Score("suspicion", value=True, passed=True, metadata={JUDGE_MODEL: f"for-{item}"}))
    found = measure(Labelled("faithfulness", said), PAIRS, no_page)
    with pytest.raises(ConfigurationError, match="name several as their 'judge_model': for-fine, for-suspect"):
        assert found.judge


def test_scorers_are_chosen_by_name() -> None:
    names = [one.scorer.name for one in LABELLED]
    assert [one.scorer.name for one in chosen([])] == names
    assert [one.scorer.name for one in chosen([names[1], names[0], names[1]])] == [names[1], names[0]]
    with pytest.raises(ConfigurationError, match=r"no labels for a scorer 'taste'; there are for numbers_supported"):
        chosen(["taste"])
