"""A result as the pipeline would have made it of a case of the contract."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from technoshare_commentator.domain import AnalystIdentity, Job, LinkResult, Outcome, Verdict
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from contract_case import Case


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - to be the same again is what it is for


def result_of(case: Case) -> LinkResult:
    given = case.given
    return LinkResult(
        job_id="j",
        url=given.evidence.url,
        outcome=Outcome.SUCCESS,
        analyst=AnalystIdentity(stage_a_model="m", stage_b_model="m", prompt_stage_a="a", prompt_stage_b="b"),
        evidence=given.evidence,
        facts=given.facts,
        commentary=given.commentary,
        verdict=Verdict(rules=()),
        message=render_message(Job(id="j"), given.evidence, given.commentary),
    )
