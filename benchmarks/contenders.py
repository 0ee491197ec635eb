"""Who takes part in the benchmark of evaluation engines, and with which settings.

Every suite in `suites/` does the same work (see `answers.py`) in the idiom of its framework. `tuned` marks the setting
that is best for a task that waits; what is not tuned is how the framework comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OURS = "ours"
_OFF = {"MLFLOW_ENABLE_TRACKING": "false"}
_PYTEST = ("python", "-m", "pytest", "-q")
_PASSED = r"(\d+) passed"
_CASES = r"(\d+) cases"
_DEEPEVAL_PASSED = r"Passed: (\d+)"


@dataclass(frozen=True)
class Contender:
    """One framework under one setting.

    `command` starts with a program of the framework's environment; `done` finds in what it prints the number of tests
    that passed, of which there are `tests_a_case`; `tracked` says whether cases end up in an MLflow store.
    """

    key: str
    name: str
    setting: str
    suite: str
    command: tuple[str, ...]
    done: str = _PASSED
    environment: dict[str, str] = field(default_factory=dict, hash=False)
    tests_a_case: float = 1
    tracked: bool = False
    tuned: bool = False

    @property
    def peer(self) -> str:
        """The environment it runs in, named like its requirements; empty for this project's own."""
        return self.key if self.suite not in {"ours", "mlflow"} else ""


def _ours(setting: str, file: str, *flags: str, tracked: bool, tests_a_case: int, tuned: bool = False) -> Contender:
    return Contender(
        OURS,
        "ours",
        f"{setting}, {'SQLite' if tracked else 'MLflow off'}",
        "ours",
        (*_PYTEST, file, *flags),
        environment={} if tracked else _OFF,
        tracked=tracked,
        tuned=tuned,
        tests_a_case=tests_a_case,
    )


def _mlflow_tuned(workers: int) -> dict[str, str]:
    """No limits on rates, so many workers, the connections that they take, no trial call of the task."""
    return {
        "MLFLOW_GENAI_EVAL_PREDICT_RATE_LIMIT": "0",
        "MLFLOW_GENAI_EVAL_SCORER_RATE_LIMIT": "0",
        "MLFLOW_GENAI_EVAL_MAX_WORKERS": str(workers),
        "MLFLOW_GENAI_EVAL_SKIP_TRACE_VALIDATION": "true",
        "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": str(4 * workers),
    }


def _mlflow(setting: str, workers: int = 0) -> Contender:
    return Contender(
        "mlflow",
        "mlflow.genai.evaluate",
        setting,
        "mlflow",
        ("python", "evaluate.py"),
        _CASES,
        _mlflow_tuned(workers) if workers else {},
        tracked=True,
        tuned=bool(workers),
    )


def _mlflow_test(setting: str, file: str, cases: int = 0, workers: int = 0) -> Contender:
    return Contender(
        "mlflow.test",
        "@mlflow.test",
        setting,
        "mlflow",
        (*_PYTEST, file),
        environment=_mlflow_tuned(workers) if workers else {},
        tracked=True,
        tuned=bool(workers),
        tests_a_case=1 / cases if cases else 1,
    )


def _deepeval(setting: str, *command: str, tuned: bool = False) -> Contender:
    return Contender("deepeval", "DeepEval", setting, "deepeval", command, _DEEPEVAL_PASSED, tuned=tuned)


def _pytest_evals(setting: str, *flags: str) -> Contender:
    command = (*_PYTEST, "--run-eval", *flags)
    return Contender("pytest-evals", "pytest-evals", setting, "pytest_evals", command, tuned=bool(flags))


PYDANTIC_EVALS = Contender(
    "pydantic-evals", "pydantic-evals", "default (all at once)", "pydantic_evals", ("python", "evaluate.py"), _CASES
)
DEEPEVAL_PYTEST = _deepeval("deepeval test run", "deepeval", "test", "run", "test_answers.py")


def without_latency(cases: int) -> list[Contender]:
    """Contenders for a task that returns at once: what is left is what the frameworks themselves do."""
    return [
        _ours("default", "test_five_scores.py", tracked=True, tests_a_case=1),
        _ours("default", "test_five_scores.py", tracked=False, tests_a_case=1),
        _mlflow("default"),
        _mlflow("no rate limits, 4 workers", workers=4),
        _mlflow_test("a test for each case", "test_each_case.py"),
        _mlflow_test("one test for all cases, tuned likewise", "test_all_at_once.py", cases, workers=4),
        DEEPEVAL_PYTEST,
        _pytest_evals("default"),
        PYDANTIC_EVALS,
    ]


def with_latency(cases: int) -> list[Contender]:
    """Contenders for a task that waits; only ours has two tests an example, the others score all in one."""
    flags = ("-n", "2", "--eval-concurrency", "50")
    return [
        *(_ours("plain pytest", "test_two_tests.py", tracked=tracked, tests_a_case=2) for tracked in (False, True)),
        *(
            _ours(" ".join(flags), "test_two_tests.py", *flags, tracked=tracked, tests_a_case=2, tuned=True)
            for tracked in (False, True)
        ),
        _mlflow("default"),
        _mlflow(f"no rate limits, {cases} workers", workers=cases),
        _mlflow_test("a test for each case", "test_each_case.py"),
        _mlflow_test("one test for all cases, tuned likewise", "test_all_at_once.py", cases, workers=cases),
        DEEPEVAL_PYTEST,
        _deepeval("evals_iterator, max_concurrent=100", "python", "iterate.py", tuned=True),
        _pytest_evals("default"),
        _pytest_evals("-n 16", "-n", "16"),
        PYDANTIC_EVALS,
    ]
