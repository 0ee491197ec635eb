"""A foreign project whose task and judges ask a model, through the real openai SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_server import API_KEY
from foreign_project import Project

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONFTEST = """
    import chatting

    def pytest_eval_task(config, variant):
        async def shout(example):
            return await chatting.ask("Shout: " + example.text, model=variant.model or "small")
        return shout
"""

CHATTING = """
    import os
    from openai import AsyncOpenAI
    from technoshare_commentator.mlops import tracing
    from technoshare_commentator.mlops.evaluation.recording import async_client
    from technoshare_commentator.mlops.evaluation.running.limits import request_slot

    client = AsyncOpenAI(
        base_url=os.environ["CHAT_URL"],
        api_key=os.environ.get("OPENAI_API_KEY", "unused"),
        http_client=async_client(),
        max_retries=2,
    )

    async def ask(text, model="small"):
        await request_slot()
        messages = [{"role": "system", "content": "You shout."}, {"role": "user", "content": text}]
        with tracing.span("chat", tracing.SpanType.LLM) as span:
            answer = await client.chat.completions.create(model=model, messages=messages)
            read, written = answer.usage.prompt_tokens, answer.usage.completion_tokens
            span.usage(model=model, input_tokens=read, output_tokens=written, cost_usd=0.01 * written)
        return answer.choices[0].message.content
"""

TESTS = """
    import asyncio
    import pytest
    from technoshare_commentator.mlops.evaluation.scorer import Score, scorer
    import chatting

    words = pytest.mark.eval(dataset="words.json")

    @scorer(source_type="LLM_JUDGE")
    async def loudness(output, example):
        votes = await asyncio.gather(*(chatting.ask("How loud is " + output, model="judge") for _ in range(3)))
        return Score("loudness", len(set(votes)), True, rationale=" / ".join(sorted(votes)), source_type="LLM_JUDGE")

    @scorer(source_type="LLM_JUDGE")
    async def kindness(output):
        return (await chatting.ask("Is this kind: " + output, model="judge")).isupper()

    @scorer
    def shouted(output):
        return output.isupper()

    @words
    def test_judged(output, check):
        check(output, loudness, shouted, kindness)

    @words
    def test_kind(output):
        assert kindness(output)
"""


class ChattingProject(Project):
    """Its model is wherever `run` says."""

    def fill(self) -> ChattingProject:
        super().fill()
        self.write("conftest.py", CONFTEST)
        self.write("chatting.py", CHATTING)
        self.write("test_words.py", TESTS)
        return self

    def ask(self, url: str, *arguments: str, key: str = API_KEY, **environment: str) -> pytest.RunResult:
        """Run pytest with the model at `url`; without a key the variable is not set."""
        keys = {"OPENAI_API_KEY": key} if key else {}
        return self.run(*arguments, CHAT_URL=url, **keys, **environment)

    @property
    def cassettes(self) -> Path:
        return self.folder / "cassettes"

    @property
    def recordings(self) -> list[str]:
        """Every recording, by its path."""
        return sorted(file.relative_to(self.cassettes).as_posix() for file in self.cassettes.rglob("*.json"))

    @property
    def scores(self) -> list[tuple[Any, ...]]:
        """Everything that was said of the cases."""
        return sorted(
            (row["example_id"], score["test"], score["name"], score["value"], score["passed"], score["rationale"])
            for row in self.results["cases"]
            for score in row["scores"]
        )
