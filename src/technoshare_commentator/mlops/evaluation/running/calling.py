"""Calling a task from an event loop, whatever kind of function it is."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.running.case_run import Task

_Settled = tuple[Any, BaseException | None]


async def call_task(task: Task, example: Example) -> Any:
    """Await an async task; call a plain one in a thread, and await what it returns if that can be awaited."""
    __tracebackhide__ = True  # in pytest's reports: people look for the frames of their task
    try:
        if inspect.iscoroutinefunction(task):
            return await task(example)
        result = await _in_thread(partial(task, example))
        return await result if inspect.isawaitable(result) else result
    except asyncio.CancelledError as error:
        current = asyncio.current_task()
        if current is not None and current.cancelling():  # the session is over
            raise
        raise RuntimeError("the task was cancelled, by something of its own") from error
    except SystemExit as error:  # the loop and pytest would take it for the end of everything
        raise RuntimeError(f"the task called sys.exit({error.code!r})") from error


async def _in_thread(call: Callable[[], Any]) -> Any:
    """Call in a thread that the process does not wait for: asyncio's own would hold up who presses Ctrl-C."""
    __tracebackhide__ = True
    future: concurrent.futures.Future[_Settled] = concurrent.futures.Future()
    arguments = (future, partial(copy_context().run, call))
    threading.Thread(target=_settle, args=arguments, name="eval-task", daemon=True).start()
    result, error = await asyncio.wrap_future(future)
    if error is not None:
        raise error
    return result


def _settle(future: concurrent.futures.Future[_Settled], call: Callable[[], Any]) -> None:
    __tracebackhide__ = True
    if not future.set_running_or_notify_cancel():
        return  # cancelled before it began
    try:
        outcome = call(), None
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
        future.set_result((None, error))  # not as the future's exception: asyncio cannot pass StopIteration on
    else:
        future.set_result(outcome)
