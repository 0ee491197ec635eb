from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from fakes import COMMENTARY, EVIDENCE
from model_job import FACTS
from model_server import KEY, MODEL, model_server, says
from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Coverage, Evidence, Facts, Verdict
from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from model_server import ModelServer
    from technoshare_commentator.domain import StageAResult, StageBResult
    from technoshare_commentator.pipeline.ports import Analyst

T = TypeVar("T")


def run(server: ModelServer, stage_a: str, stage_b: str, job: Callable[[Analyst], Awaitable[T]]) -> tuple[Analyst, T]:
    """Let an analyst of the two models do a job, and close its connections."""
    values: dict[str, Any] = {"openai_base_url": server.base_url, "openai_api_key": KEY}
    made = bootstrap.Analysts(Settings(_env_file=None, model_stage_a=stage_a, model_stage_b=stage_b, **values))

    async def done() -> tuple[Analyst, T]:
        analyst = made()
        try:
            return analyst, await job(analyst)
        finally:
            await made.aclose()

    return asyncio.run(done())


def test_one_stage_can_be_quoted_and_the_other_written_by_a_model() -> None:
    with model_server() as server:
        server.script = [says(COMMENTARY.model_dump(mode="json"))]
        facts = Facts.model_validate(FACTS)

        async def compose(analyst: Analyst) -> StageBResult:
            return await analyst.compose_reply(EVIDENCE, facts)

        analyst, result = run(server, "extractive", MODEL, compose)
    assert result.commentary == COMMENTARY
    identity = analyst.identity
    assert (identity.stage_a_model, identity.stage_b_model) == ("extractive", MODEL)
    assert "stage_b_temperature" in identity.settings
    assert not any(name.startswith("stage_a_") for name in identity.settings)
    assert analyst.can_revise


def test_the_reader_may_be_the_model_too() -> None:
    with model_server() as server:
        server.script = [says(FACTS)]

        async def both(analyst: Analyst) -> tuple[Facts, StageBResult, StageBResult]:
            facts = (await analyst.extract_facts(EVIDENCE)).facts
            composed = await analyst.compose_reply(EVIDENCE, facts)
            return facts, composed, await analyst.revise_reply(EVIDENCE, facts, composed.commentary, Verdict(rules=()))

        analyst, (facts, composed, revised) = run(server, MODEL, "extractive-lead", both)
    assert facts.facts[0].text == "One thing is known."
    assert len(server.requests) == 1
    assert revised == composed
    assert not analyst.can_revise


def test_two_models_each_get_their_own_requests() -> None:
    with model_server() as server:
        server.script = [says(FACTS), says(COMMENTARY.model_dump(mode="json"))]

        async def both(analyst: Analyst) -> None:
            facts = (await analyst.extract_facts(EVIDENCE)).facts
            await analyst.compose_reply(EVIDENCE, facts)

        run(server, "reader", "writer", both)
        assert [request["model"] for request in server.requests] == ["reader", "writer"]


def test_nothing_is_asked_where_there_is_nothing_to_ask_about() -> None:
    empty = Evidence(url="u", final_url="u", title="", adapter_name="webpage", coverage=Coverage.FAILED)
    with model_server() as server:

        async def both(analyst: Analyst) -> tuple[StageAResult, StageBResult]:
            read = await analyst.extract_facts(empty)
            return read, await analyst.compose_reply(empty, read.facts)

        _, (read, written) = run(server, MODEL, MODEL, both)
    assert (read.facts.coverage, read.usage.model_call_count, written.usage.model_call_count) == ("failed", 0, 0)
    assert server.requests == []


@pytest.mark.parametrize("base_url", [None, "https://api.example.com/v1"])
def test_a_model_elsewhere_needs_a_key_and_says_so_before_any_job(base_url: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"OPENAI_API_KEY.*technoshare local-llm"):
        bootstrap.Analysts(Settings(_env_file=None, openai_base_url=base_url, model_stage_a="gpt-5-mini"))


def test_a_variant_that_may_be_replayed_needs_no_key() -> None:
    assert bootstrap.variant_analysts(Settings(_env_file=None), "gpt-5-mini")().identity.stage_b_model == "gpt-5-mini"


def test_a_variant_s_settings_are_the_model_s_or_those_of_the_endpoint() -> None:
    settings = Settings(_env_file=None)
    changes = {"base_url": "http://127.0.0.1:1/v1", "evidence_characters": 2000, "max_output_tokens": 9}
    identity = bootstrap.variant_analysts(settings, "tiny", changes)().identity
    assert identity.settings["evidence_characters"] == "2000"
    assert identity.settings["stage_b_max_output_tokens"] == "9"


def test_a_variant_s_setting_that_there_is_not_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"temprature.*unknown; known are .*temperature"):
        bootstrap.variant_analysts(Settings(_env_file=None), "tiny", {"temprature": 0})
