"""A result to be judged, and answers as judges give them."""

from __future__ import annotations

import json
from typing import Any

from contract_case import PAGE, good_case
from technoshare_commentator.domain import AnalystIdentity, LinkResult, Outcome

_WHO = AnalystIdentity(stage_a_model="m", stage_b_model="m", prompt_stage_a="a", prompt_stage_b="b")
WRONG = "Larkspur 2.4 writes with a 99th percentile of 410 ms."
RIGHT = PAGE[0]


def judged_case(**sections: tuple[str, ...]) -> LinkResult:
    """Return a result with two items for each question, or with other sections in their place."""
    usual: dict[str, tuple[str, ...]] = {
        "tldr": (RIGHT,),
        "summary": (PAGE[7],),
        "projects": good_case().given.commentary.projects[:2],
        "similar_tech": ("**Redpanda** — Has no metadata service of its own.", "**NATS** — A queue in Go."),
    }
    given = good_case().items(**{**usual, **sections}).given
    return LinkResult(
        job_id="1",
        url=given.evidence.url,
        outcome=Outcome.SUCCESS,
        analyst=_WHO,
        evidence=given.evidence,
        facts=given.facts,
        commentary=given.commentary,
    )


def judged(item: int, verdict: str = "supported", quote: str = PAGE[0], reason: str = "It says so.") -> dict[str, Any]:
    """Return what a judge says of one item."""
    return {"item": item, "quote": quote, "reason": reason, "verdict": verdict}


def answer(score: int, *items: dict[str, Any]) -> str:
    """Return a judge's answer; without items two that are supported."""
    return json.dumps({"items": list(items or (judged(1), judged(2))), "score": score})


def answer_for_one(score: int, verdict: str, quote: str = PAGE[0]) -> str:
    """Return the answer to a commentary with a single item."""
    return answer(score, judged(1, verdict, quote))
