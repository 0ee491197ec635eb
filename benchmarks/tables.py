"""Measurements as Markdown tables and as JSON."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import asdict
from importlib import metadata
from typing import TYPE_CHECKING, Any

from contenders import OURS, Contender
from measuring import Measurement, expected
from peers import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from startup import Difference

    Measurements = Mapping[Contender, Sequence[Measurement]]

_LONGEST_REASON = 160
_PEERS = ("deepeval", "pytest-evals", "pydantic-evals")


def machine() -> str:
    """What the figures were measured on, in a line."""
    versions = ", ".join(f"{name} {number}" for name, number in _versions().items())
    return f"Python {platform.python_version()} on {os.cpu_count()} cores; {versions}"


def scenario_table(title: str, cases: int, measurements: Measurements) -> str:
    """One row a contender; a ratio stands on ours with the same side of tracking, and tuned if it is."""
    lines = [
        f"\n### {title}\n",
        "| engine | setting | seconds (median) | min–max | cases/s | ratio to ours | the store holds |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for contender, made in measurements.items():
        lines.append(_row(contender, made, cases, _reference(contender, measurements)))
    return "\n".join(lines)


def startup_table(differences: Sequence[Difference]) -> str:
    lines = [
        "\n### Start-up\n",
        "| of what | with the plugin | without | it adds | limit |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for one in differences:
        added = f"{one.with_plugin - one.without:+.0f} ms"
        figures = f"{one.with_plugin:.0f} ms | {one.without:.0f} ms | {added} | {one.question.limit} ms"
        lines.append(f"| {one.question.title} | {figures} |")
    return "\n".join(lines)


def as_json(scenarios: Mapping[str, Measurements], differences: Sequence[Difference]) -> dict[str, Any]:
    """Everything measured, nothing summed up."""
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "versions": _versions(),
        "scenarios": {
            title: [
                {"engine": one.name, "setting": one.setting, "rounds": [asdict(made) for made in rounds]}
                for one, rounds in measurements.items()
            ]
            for title, measurements in scenarios.items()
        },
        "start_up": [asdict(one) for one in differences],
    }


def _row(contender: Contender, made: Sequence[Measurement], cases: int, reference: float | None) -> str:
    head = f"| {contender.name} | {contender.setting} |"
    if failed := [one for one in made if one.problem]:
        reason = failed[0].problem.replace("|", "/")[:_LONGEST_REASON]
        holds = f"; {_holds(contender, failed, cases)}" if failed[0].kept else ""
        return f"{head} | | | | {reason}{holds} |"
    seconds = sorted(one.seconds for one in made)
    middle = statistics.median(seconds)
    ratio = f"{middle / reference:.1f}×" if reference else ""
    figures = f"{middle:.2f} | {seconds[0]:.2f}–{seconds[-1]:.2f} | {cases / middle:.1f} | {ratio}"
    return f"{head} {figures} | {_holds(contender, made, cases)} |"


def _holds(contender: Contender, made: Sequence[Measurement], cases: int) -> str:
    """What there is of what there should be: tests that passed, and everything that makes up a tracked case."""
    found = {"results": (round(cases * contender.tests_a_case), [one.done for one in made])}
    if contender.tracked:
        found |= {what: (wanted, [one.kept.get(what, 0) for one in made]) for what, wanted in expected(cases).items()}
    short = [
        f"{_span(counts)} of {wanted:,} {what}" for what, (wanted, counts) in found.items() if {wanted} != set(counts)
    ]
    return ", ".join(short) or ("everything" if contender.tracked else "no store")


def _span(counts: Sequence[int]) -> str:
    return f"{min(counts):,}" if len(set(counts)) == 1 else f"{min(counts):,}–{max(counts):,}"


def _reference(contender: Contender, measurements: Measurements) -> float | None:
    alike = [
        (one.tuned != contender.tuned, statistics.median(measured.seconds for measured in made))
        for one, made in measurements.items()
        if one.key == OURS and one.tracked == contender.tracked and not any(measured.problem for measured in made)
    ]
    return min(alike)[1] if alike else None


def _versions() -> dict[str, str]:
    own = {name: metadata.version(name) for name in ("mlflow", "pytest")}
    return {**own, **{name: version(name) for name in _PEERS}}
