"""Real processes that share a folder: one rate, one pause, one budget."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.mlops.evaluation.running.limits import STATE_FILE, Limits, Throttle
from technoshare_commentator.mlops.evaluation.running.pacing import EARLY, interval

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Start = Callable[..., "Worker"]

A_LITTLE = 1e-6
PATIENCE = 30  # seconds, for a process that something is wrong with; it has ended itself by then

PRELUDE = """
import asyncio, fcntl, os, signal, sys, time
from pathlib import Path
from technoshare_commentator.mlops.evaluation.running.limits import Limits, Throttle, throttle_of

signal.alarm(20)  # who waits for a lock for ever ends, and the test with them
folder = Path(sys.argv[1])
def say(*words):
    print(*words, flush=True)
"""


class Worker:
    """A process that runs a script over the shared folder."""

    def __init__(self, folder: Path, script: str, *arguments: str) -> None:
        command = [sys.executable, "-c", PRELUDE + textwrap.dedent(script), str(folder), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, line: str = "go") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> list[str]:
        said, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return said.splitlines()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts workers over the test's folder; those that a failed test leaves behind are killed."""
    workers: list[Worker] = []

    def start(script: str, *arguments: object) -> Worker:
        workers.append(Worker(tmp_path, script, *map(str, arguments)))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.communicate()


TAKE_SLOTS = """
    limits = Limits(folder, per_minute=float(sys.argv[2]))
    async def take(count):
        for began in await asyncio.gather(*(limits.slot() for _ in range(count))):
            print(began)
    say("ready")
    input()
    asyncio.run(take(int(sys.argv[3])))
"""


def test_three_workers_together_keep_to_the_rate_in_every_window(start: Start) -> None:
    per_minute, each = 6000.0, 30
    workers = [start(TAKE_SLOTS, per_minute, each) for _ in range(3)]
    for worker in workers:
        assert worker.heard() == "ready"
    for worker in workers:
        worker.tell()
    times = sorted(float(line) for worker in workers for line in worker.end())
    assert len(times) == 3 * each
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert times[last] - times[first] >= (last - first) * interval(per_minute) - EARLY - A_LITTLE


def test_a_refusal_of_one_worker_pauses_the_other(tmp_path: Path, start: Start) -> None:
    ours = Limits(tmp_path)
    worker = start(
        """
        limits = Limits(folder)
        say(asyncio.run(limits.slot()))
        input()
        say(asyncio.run(limits.slot()))
        """,
    )
    before = float(worker.heard())
    told = time.monotonic()
    assert before < told  # one clock for both
    ours.throttled(Throttle(0.4), before)
    worker.tell()
    assert float(worker.end()[0]) >= told + 0.4


def test_the_budget_that_one_worker_spends_is_spent_for_the_other(tmp_path: Path, start: Start) -> None:
    ours = Limits(tmp_path, max_cost_usd=2.0)
    ours.spend(1.5)
    worker = start(
        """
        limits = Limits(folder, max_cost_usd=2.0)
        say(limits.spent_usd, limits.exhausted)
        limits.spend(0.5)
        """,
    )
    assert worker.end() == ["1.5 False"]
    assert ours.exhausted


HOLD_THE_LOCK = """
    limits = Limits(folder)
    with limits._board.open() as pace:
        pace.spent_usd = 99.0
        say("holds")
        input()
"""
WANT_THE_LOCK = """
    flock = fcntl.flock
    def telling(file, how):
        try:
            flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waits")
            flock(file, how)
    fcntl.flock = telling
    limits = Limits(folder)
    limits.spend(1.0)
    say(limits.spent_usd)
"""


def test_a_worker_that_is_killed_while_it_holds_the_lock_blocks_nobody(tmp_path: Path, start: Start) -> None:
    Limits(tmp_path).spend(1.0)
    holder = start(HOLD_THE_LOCK)
    assert holder.heard() == "holds"
    other = start(WANT_THE_LOCK)
    assert other.heard() == "waits"
    holder.process.kill()
    holder.process.communicate()
    assert holder.process.returncode == -signal.SIGKILL
    assert other.end() == ["2.0"]


def test_a_process_that_a_task_forks_off_does_not_keep_the_lock(start: Start) -> None:
    worker = start(
        """
        limits = Limits(folder)
        parent_lives, end = os.pipe()
        with limits._board.open():
            if os.fork() == 0:
                os.close(end)
                os.read(parent_lives, 1)  # nothing comes until the parent is gone
                os._exit(0)
        limits.spend(1.0)
        say(limits.spent_usd)
        """
    )
    assert worker.end() == ["1.0"]


def test_workers_survive_a_state_that_is_cut_short_under_them(tmp_path: Path, start: Start) -> None:
    ours = Limits(tmp_path, max_cost_usd=2.0)
    ours.spend(1.5)
    os.truncate(tmp_path / STATE_FILE, 10)
    worker = start("Limits(folder).spend(0.25); say(Limits(folder).spent_usd)")
    assert worker.end() == ["0.25"]
    assert Limits(tmp_path).spent_usd == 0.25


class Api:
    """A model's server: refuses as often as it is told to, then answers; it notes when each request came."""

    def __init__(self, refusals: int, retry_after: str) -> None:
        self.url = ""
        self.requests: list[tuple[float, int]] = []
        self._refusals = refusals
        self._retry_after = retry_after
        self._lock = threading.Lock()

    def status(self) -> int:
        with self._lock:
            status = 429 if len(self.requests) < self._refusals else 200
            self.requests.append((time.monotonic(), status))
            return status

    def headers(self, status: int) -> list[tuple[str, str]]:
        return [("Retry-After", self._retry_after)] if status == 429 else []


@contextmanager
def api(refusals: int, retry_after: str) -> Iterator[Api]:
    server = Api(refusals, retry_after)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = server.status()
            self.send_response(status)
            for name, value in [*server.headers(status), ("Content-Length", "0")]:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}/v1/chat/completions"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


# What the engine does with a case, with a client that raises for statuses.
RUN_CASES = """
    import httpx2

    limits = Limits(folder)
    async def case(client):
        for attempt in range(int(sys.argv[4])):
            began = await limits.slot()
            try:
                (await client.post(sys.argv[2])).raise_for_status()
            except httpx2.HTTPError as error:
                limits.throttled(throttle_of(error), began)
                say("refused")
            else:
                limits.succeeded(began)
                return "done"
        return "failed"
    async def cases(count):
        async with httpx2.AsyncClient() as client:
            for outcome in await asyncio.gather(*(case(client) for _ in range(count))):
                say(outcome)
    say("ready")
    input()
    asyncio.run(cases(int(sys.argv[3])))
"""


def test_a_real_429_makes_both_workers_wait_and_both_get_through(start: Start) -> None:
    with api(refusals=1, retry_after="0.5") as server:
        first, second = (start(RUN_CASES, server.url, 1, 6) for _ in range(2))
        for worker in (first, second):
            assert worker.heard() == "ready"
        first.tell()
        assert first.heard() == "refused"
        second.tell()
        assert first.end() == ["done"]
        assert second.end() == ["done"]
    (refused_at, status), *later = server.requests
    assert status == 429
    assert len(later) == 2
    assert min(moment for moment, _ in later) >= refused_at + 0.5


def test_who_is_refused_again_and_again_gives_up_and_everybody_knows(tmp_path: Path, start: Start) -> None:
    with api(refusals=100, retry_after="0") as server:
        worker = start(RUN_CASES, server.url, 1, 2)
        assert worker.heard() == "ready"
        worker.tell()
        assert worker.end() == ["refused", "refused", "failed"]
    assert len(server.requests) == 2
    with Limits(tmp_path)._board.open() as pace:
        assert pace.refusals == 2


def test_looking_costs_next_to_nothing(tmp_path: Path) -> None:
    limits = Limits(tmp_path)

    async def seconds_a_slot() -> float:
        began = time.perf_counter()
        for _ in range(20):
            await limits.slot()
        return (time.perf_counter() - began) / 20

    assert min(asyncio.run(seconds_a_slot()) for _ in range(30)) < 0.0001
