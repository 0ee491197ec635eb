"""The task, in the idiom of this project's plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from answers import answer

from technoshare_commentator.mlops.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def pytest_eval_task(config: object, variant: object) -> Callable[[Any], Awaitable[str]]:
    del config, variant

    async def task(example: Any) -> str:
        return await answer(example.question, span)

    return task
