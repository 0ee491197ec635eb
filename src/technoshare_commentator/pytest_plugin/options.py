"""The plugin's flags, ini values and markers."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    import pytest

    from technoshare_commentator.mlops.evaluation.recording.scope import Mode

EVAL_MARK = "eval"
SUMMARY_MARK = "eval_summary"
RECORD_MODES = ("none", "new", "all")
_LAST = "last"
_OFF = {"", "0", "false", "no", "off"}


def add_options(parser: pytest.Parser) -> None:
    """Register everything that starts with `--eval-`."""
    _add_running(parser.getgroup("eval", "evaluation of LLM pipelines: what runs"))
    _add_judging(parser.getgroup("eval-verdict", "evaluation of LLM pipelines: what it is held against"))
    _add_reporting(parser.getgroup("eval-reports", "evaluation of LLM pipelines: where results go"))
    parser.addini("eval_experiment", "MLflow experiment of evaluation runs (default: <name of rootdir>_eval)")
    parser.addini("eval_concurrency", "cases in flight in each process (default: 16)")
    for name, what in (
        ("eval_variants", "file of variants"),
        ("eval_gate", "file of the gate's rules"),
        ("eval_baseline", "file of the baseline"),
        ("eval_calibration", "file of the kappas that judges need in order to gate"),
        ("eval_cassettes", "folder of recorded model calls (default: cassettes)"),
    ):
        parser.addini(name, f"{what}, relative to rootdir")


def _add_running(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--eval-concurrency",
        metavar="N",
        type=_positive,
        help="cases in flight in each process (default: ini value eval_concurrency, or 16)",
    )
    group.addoption(
        "--eval-rate",
        metavar="N",
        type=_positive_number,
        help="model requests a minute, of all workers together (default: unlimited; slows down by itself on HTTP 429)",
    )
    group.addoption(
        "--eval-variant", metavar="A,B", default="", help="evaluate these variants of the ini file's eval_variants"
    )
    group.addoption("--eval-model", metavar="M1,M2", default="", help="evaluate these models, each as a variant")
    group.addoption(
        "--eval-trials", metavar="N", type=_positive, default=1, help="run every example N times (default: 1)"
    )
    group.addoption(
        "--eval-record",
        metavar="MODE",
        choices=RECORD_MODES,
        help="model calls: 'none' replays recordings and sends nothing, 'new' also records what is missing, 'all' "
        "records everything anew (default: none where the environment variable CI is set, else new)",
    )
    group.addoption(
        "--eval-shard", metavar="I/N", type=_shard, help="run the I-th of N parts of the cases, for several machines"
    )
    group.addoption(
        "--eval-resume",
        metavar="SESSION",
        nargs="?",
        const=_LAST,
        help="go on with an earlier session (default: the last): cases that finished there are not run again",
    )
    group.addoption(
        "--eval-rescore",
        metavar="SESSION",
        nargs="?",
        const=_LAST,
        help="score the outputs of an earlier session (default: the last) and run no task at all",
    )


def _add_judging(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--eval-gate",
        metavar="FILE|RULE",
        action="append",
        default=[],
        help="a file of rules, or a rule such as 'pass_rate >= 0.9'; with a gate, evals alone decide the exit status "
        "through it (default: ini value eval_gate; 'none' for no gate)",
    )
    group.addoption(
        "--eval-baseline",
        metavar="PATH|RUN_ID|NAME",
        help="compare with a baseline file, a results file, an MLflow run by its id or name, or 'latest' "
        "(default: ini value eval_baseline if that file exists; 'none' for no comparison)",
    )
    group.addoption(
        "--eval-update-baseline", action="store_true", help="write this session's results into the baseline file"
    )


def _add_reporting(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--eval-experiment",
        metavar="NAME",
        help="MLflow experiment for this session's run (default: ini value eval_experiment)",
    )
    group.addoption(
        "--eval-run-name", metavar="NAME", help="name of the session's MLflow run (default: eval and the time)"
    )
    group.addoption(
        "--eval-run-id",
        metavar="RUN_ID",
        help="write into this MLflow run, which 'technoshare evals open-run' made for several shards",
    )
    group.addoption("--eval-report", metavar="HTML", help="write a report that needs neither network nor server")
    group.addoption(
        "--eval-json",
        metavar="PATH",
        help="where to write the results as JSON (default: .technoshare/evals/eval_results.json)",
    )
    group.addoption(
        "--eval-publish-timeout",
        metavar="SECONDS",
        type=float,
        default=120.0,
        help="how long to wait at the end for MLflow to take the run; it goes on in the background (default: 120)",
    )


def add_markers(config: pytest.Config) -> None:
    """Register the marks."""
    config.addinivalue_line(
        "markers",
        f"{EVAL_MARK}(dataset=None, schema=None, where=None): evaluation case; dataset: path of a JSON file, relative "
        "to the test file, whose examples parametrize the fixture `example`; schema: the examples' pydantic type; "
        "where: a predicate that picks examples",
    )
    config.addinivalue_line(
        "markers",
        f"{SUMMARY_MARK}: runs once, after all cases and with all their results in the fixture `eval_results`",
    )


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `count` parts, counted from one."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def shard_of(config: pytest.Config) -> Shard | None:
    """Which part of the cases this session runs; None for all of them."""
    given = config.getoption("--eval-shard")
    if given is None:
        return None
    number, _, count = str(given).partition("/")
    return Shard(int(number), int(count))


def experiment_name(config: pytest.Config) -> str:
    """The experiment asked for, by flag, by ini file, or named after the project."""
    given = config.getoption("--eval-experiment") or config.getini("eval_experiment")
    return str(given or f"{config.rootpath.name}_eval")


def concurrency(config: pytest.Config) -> int | None:
    """Cases in flight in each process; None where nothing is said. Raises `ConfigurationError` for a bad ini value."""
    flag: int | None = config.getoption("--eval-concurrency")
    given = str(config.getini("eval_concurrency") or "")
    if flag is not None or not given:
        return flag
    try:
        return _positive(given)
    except argparse.ArgumentTypeError as error:
        raise ConfigurationError(f"the ini value eval_concurrency: {error}; write eval_concurrency = 16") from None


def ini_file(config: pytest.Config, name: str) -> Path | None:
    """The file that an ini value names, as short as it can be written from here."""
    given = config.getini(name)
    if not given:
        return None
    path = config.rootpath / str(given)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def record_mode(config: pytest.Config) -> Mode:
    """What may be done with recordings: as the flag says, else none in CI, where nobody looks at what is recorded."""
    in_ci = os.environ.get("CI", "").lower() not in _OFF
    mode: Mode = config.getoption("--eval-record") or ("none" if in_ci else "new")
    return mode


def cassettes_folder(config: pytest.Config) -> Path:
    """Where recordings are kept."""
    return config.rootpath / str(config.getini("eval_cassettes") or "cassettes")


def listed(config: pytest.Config, flag: str) -> list[str]:
    """The names that a flag lists with commas."""
    return [name.strip() for name in str(config.getoption(flag)).split(",") if name.strip()]


def is_selection(config: pytest.Config) -> bool:
    """Whether the user asked for some of the suite's tests only, so that what is missing is missing on purpose."""
    option: Any = config.option
    narrowed = (option.keyword, option.markexpr, option.deselect, option.eval_shard)
    repeated = (getattr(option, name, False) for name in ("lf", "stepwise"))
    files = any("::" in str(path) or str(path).endswith(".py") for path in config.args)
    return any(narrowed) or any(repeated) or files


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return number


def _positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")
    return number


def _shard(text: str) -> str:
    """Check, but keep the text: options travel to workers, which take nothing but text and numbers."""
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole; write 2/3 for the second of three")
    return f"{int(number)}/{int(count)}"
