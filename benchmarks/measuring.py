"""One measurement: a suite in a fresh folder, run by a process of its own, and what is to be found afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from answers import LATENCY_VARIABLE, QUESTIONS_FILE, SCORES, write_questions
from peers import NotInstalledError, programs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contenders import Contender

HERE = Path(__file__).parent
SPANS = 4
_FOREIGN = ("PYTHON", "PYTEST_", "MLFLOW_", "DEEPEVAL_", "CONFIDENT_", "OPENAI_", "TECHNOSHARE_", "LOGFIRE_")
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
    "DEEPEVAL_NO_INSPECT_PROMPT": "1",
    "GIT_PYTHON_REFRESH": "quiet",
}


@dataclass(frozen=True)
class Measurement:
    """Seconds of the whole process; how many tests passed, as it says; what the store holds; what went wrong."""

    seconds: float = 0
    done: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    problem: str = ""


def prepared(folder: Path, suite: str, cases: int) -> None:
    """Put a suite, its work and its dataset into a folder."""
    shutil.copytree(HERE / "suites" / suite, folder, dirs_exist_ok=True)
    shutil.copy(HERE / "answers.py", folder)
    write_questions(folder / QUESTIONS_FILE, cases)


def environment(folder: Path, latency: float, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a contender: no settings (nor those that keep Python from caching), no telemetry, no home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    own = {"HOME": str(folder), "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db", LATENCY_VARIABLE: str(latency)}
    return {**inherited, **_QUIET, **own, **more}


def measure(contender: Contender, cases: int, latency: float, longest: float) -> Measurement:
    """Run a contender's suite once, to its very end, or for `longest` seconds."""
    try:
        command = [str(programs(contender.peer) / contender.command[0]), *contender.command[1:]]
    except NotInstalledError as missing:
        return Measurement(problem=f"not installed: {missing}")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        prepared(folder, contender.suite, cases)
        seconds, status, printed = timed(command, folder, environment(folder, latency, contender.environment), longest)
        done = [int(number) for number in re.findall(contender.done, printed)] or [0]
        kept = _kept(folder) if contender.tracked else {}
        return Measurement(seconds, done[-1], kept, _problem(contender, seconds, status, printed))


def timed(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], longest: float = 60
) -> tuple[float, int, str]:
    """Seconds, exit status and everything printed; a negative status is the signal that ended it."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
    except BaseException:  # Ctrl-C does not reach a session of its own
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return time.perf_counter() - started, process.returncode, printed


def expected(cases: int) -> dict[str, int]:
    """What a store should hold after a session of so many cases."""
    return {"runs": 1, "traces": cases, "assessments": cases * len(SCORES), "spans": cases * SPANS}


def _problem(contender: Contender, seconds: float, status: int, printed: str) -> str:
    if status == -signal.SIGKILL:
        return f"given up after {seconds:.0f} s"
    said = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in said if "rror" in line]
    if status:
        return f"exit status {status}: {(errors or said or ['nothing said'])[-1]}"
    return "" if re.search(contender.done, printed) else "says nothing of tests that passed"


def _kept(folder: Path) -> dict[str, int]:
    """Count what the store holds; nothing where there is none that can be read."""
    counted = subprocess.run(
        [sys.executable, str(HERE / "stored.py"), f"sqlite:///{folder}/mlflow.db"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(folder, 0, {}),
    )
    content: dict[str, int] = json.loads(counted.stdout.splitlines()[-1]) if counted.returncode == 0 else {}
    return content
