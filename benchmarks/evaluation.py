"""The evaluation engine beside its peers: `python -m benchmarks evaluation`.

* `no latency`   the task returns at once: what is left is what the frameworks do, tracking into SQLite included
* `latency`      the task waits: what is left is how many cases a framework lets wait together
* `start-up`     what the plugin adds to pytest before the first test

Every measurement is a process of its own in a fresh folder, from its start to its end, rounds in turn, so that a slow
moment of the machine meets all. What an MLflow store holds afterwards is counted and compared with what it should.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import startup
from contenders import Contender, with_latency, without_latency
from measuring import Measurement, measure
from tables import as_json, machine, scenario_table, startup_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEYS = ("ours", "mlflow", "mlflow.test", "deepeval", "pytest-evals", "pydantic-evals")
SCENARIOS = ("no-latency", "latency", "start-up")


@dataclass(frozen=True)
class Scenario:
    """What is measured, of whom, and what came out, round after round."""

    title: str
    cases: int
    latency: float
    measurements: dict[Contender, list[Measurement]] = field(default_factory=dict)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends what is being measured, too
    options = _parser().parse_args()
    scenarios = [scenario for scenario in _planned(options) if scenario.measurements]
    _warm_up(scenarios)
    for number in range(options.rounds):
        for scenario in scenarios:
            _one_round(scenario, f"round {number + 1}/{options.rounds}: {scenario.title}", options.longest)
    examples = options.cases or 1000
    asked = startup.questions(examples) if "start-up" in options.scenarios else []
    differences = [startup.measured(question, examples) for question in asked]
    print(machine())
    for scenario in scenarios:
        print(scenario_table(scenario.title, scenario.cases, scenario.measurements))
    if differences:
        print(startup_table(differences))
    if options.json:
        content = {one.title: one.measurements for one in scenarios}
        options.json.write_text(json.dumps(as_json(content, differences), indent=2), encoding="utf-8")


def _one_round(scenario: Scenario, title: str, longest: float) -> None:
    """Measure everyone once, but nobody again who came to nothing."""
    for contender, so_far in scenario.measurements.items():
        if not any(measured.problem for measured in so_far):
            print(f"{title}: {contender.name}, {contender.setting}", file=sys.stderr)
            so_far.append(measure(contender, scenario.cases, scenario.latency, longest))


def _planned(options: argparse.Namespace) -> list[Scenario]:
    planned: list[Scenario] = []
    if "no-latency" in options.scenarios:
        counts = [options.cases] if options.cases else [200, 1000]
        planned += [_scenario("no latency", count, 0, without_latency, options.only) for count in counts]
    if "latency" in options.scenarios:
        title = f"latency {options.latency:g} s"
        planned.append(_scenario(title, options.cases or 100, options.latency, with_latency, options.only))
    return planned


def _scenario(
    title: str, cases: int, latency: float, contenders: Callable[[int], list[Contender]], only: Sequence[str]
) -> Scenario:
    chosen = [contender for contender in contenders(cases) if contender.key in only]
    return Scenario(f"{title}, {cases:,} cases", cases, latency, {contender: [] for contender in chosen})


def _warm_up(scenarios: Sequence[Scenario]) -> None:
    """Run every suite once with few cases, which does not count: files get into memory, peers get installed."""
    first = {(one.suite, one.command[0]): one for scenario in scenarios for one in scenario.measurements}
    for contender in first.values():
        print(f"warming up: {contender.name}", file=sys.stderr)
        measure(contender, 2, 0, longest=60)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks evaluation", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of every measurement (default: 3)")
    parser.add_argument("--only", type=_words(KEYS), default=KEYS, metavar="NAMES", help=f"of {', '.join(KEYS)}")
    parser.add_argument(
        "--scenarios", type=_words(SCENARIOS), default=SCENARIOS, metavar="NAMES", help=f"of {', '.join(SCENARIOS)}"
    )
    parser.add_argument("--cases", type=int, help="cases in every scenario (default: 200 and 1000, 100, 1000)")
    parser.add_argument("--latency", type=float, default=1.0, metavar="SECONDS", help="how long the task waits")
    parser.add_argument(
        "--longest", type=float, default=600, metavar="SECONDS", help="then a contender is given up (default: 600)"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write every measurement there")
    return parser


def _words(known: Sequence[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        words = text.split(",")
        if unknown := sorted(set(words) - set(known)):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(known)}")
        return words

    return parse


if __name__ == "__main__":
    main()
