"""The plugin's flags, ini values and markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

EVAL_MARK = "eval"


def add_options(parser: pytest.Parser) -> None:
    """Register everything that starts with `--eval-`."""
    group = parser.getgroup("eval", "evaluation of LLM pipelines")
    group.addoption(
        "--eval-experiment",
        metavar="NAME",
        help="MLflow experiment for this session's run (default: ini value eval_experiment)",
    )
    group.addoption(
        "--eval-run-name", metavar="NAME", help="name of the session's MLflow run (default: eval and the time)"
    )
    group.addoption(
        "--eval-results",
        metavar="PATH",
        help="where to write eval_results.json (default: .technoshare/evals/eval_results.json)",
    )
    group.addoption(
        "--eval-publish-timeout",
        metavar="SECONDS",
        type=float,
        default=120.0,
        help="how long to wait at the end for MLflow to take the run; it goes on in the background (default: 120)",
    )
    parser.addini("eval_experiment", "MLflow experiment of evaluation runs (default: <name of rootdir>_eval)")


def add_markers(config: pytest.Config) -> None:
    """Register the `eval` mark."""
    config.addinivalue_line(
        "markers",
        f"{EVAL_MARK}(dataset=None, schema=None, where=None): evaluation case; dataset: path of a JSON file, relative "
        "to the test file, whose examples parametrize the fixture `example`; schema: the examples' pydantic type; "
        "where: a predicate that picks examples",
    )


def experiment_name(config: pytest.Config) -> str:
    """The experiment asked for, by flag, by ini file, or named after the project."""
    given = config.getoption("--eval-experiment") or config.getini("eval_experiment")
    return str(given or f"{config.rootpath.name}_eval")
