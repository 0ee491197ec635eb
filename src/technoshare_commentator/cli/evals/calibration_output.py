"""What `technoshare evals calibrate` prints: how far each scorer agrees with people, and where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.evaluation.reporting.formats import plural
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, JustifyMethod

    from technoshare_commentator.mlops.evaluation.judging.calibration import Calibrated
    from technoshare_commentator.mlops.evaluation.session_results import Interval
    from technoshare_commentator.quality.calibration import Judged, Measurement

GATES = "gates"
INFORMS = "informs only"
_WIDTH_OF_ONE_LINE = 110  # characters; with fewer, intervals stand below what they are of
_COLUMNS = ("pairs", "agreement", "kappa", "required", "precision", "recall")


@dataclass(frozen=True)
class Finding:
    """A measurement with what follows from it: the record of it, the kappa required and why the scorer only informs."""

    measurement: Measurement
    calibrated: Calibrated
    required: float | None
    why_informs: str


def print_calibration(console: Console, findings: Sequence[Finding], *, show: bool) -> None:
    """One row a scorer, then each one's confusion matrix and, with `show`, every pair it disagrees on."""
    gap = 2 if console.width >= _WIDTH_OF_ONE_LINE else 1
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, gap, 0, 0))
    table.add_column("scorer", no_wrap=True)
    for title in (*_COLUMNS, "verdict"):
        justify: JustifyMethod = "right" if title in _COLUMNS else "left"
        table.add_column(title, justify=justify, min_width=len(title))
    for finding in findings:
        style = "yellow" if finding.why_informs else "green"
        table.add_row(*map(Text, _cells(finding)), Text(_verdict(finding), style=style))
    console.print(table)
    for finding in findings:
        for part in _below(finding, show=show):
            console.print(part, soft_wrap=isinstance(part, Text))


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What `--json` prints: numbers as they are, null where there is none, and every disagreement."""
    return [
        {
            "scorer": finding.measurement.name,
            **finding.calibrated.model_dump(mode="json"),
            "agreement": finding.measurement.agreement.rate,
            "agreement_interval": _plain(finding.measurement.agreement.rate_interval),
            "precision": finding.measurement.agreement.precision,
            "recall": finding.measurement.agreement.recall,
            "f1": finding.measurement.agreement.f1,
            "required_kappa": finding.required,
            "verdict": _verdict(finding),
            "why_informs": finding.why_informs,
            "errors": len(finding.measurement.errors),
            "by_kind": finding.measurement.by_kind,
            "disagreements": [_disagreement(one) for one in finding.measurement.disagreements],
        }
        for finding in findings
    ]


def _cells(finding: Finding) -> list[str]:
    found = finding.measurement.agreement
    return [
        finding.measurement.name,
        str(found.pairs),
        f"{_number(found.rate)} {_range(found.rate_interval)}".rstrip(),
        f"{_number(found.kappa)} {_range(found.kappa_interval)}".rstrip(),
        f"{finding.required:g}" if finding.required is not None else "-",
        _number(found.precision),
        _number(found.recall),
    ]


def _verdict(finding: Finding) -> str:
    return INFORMS if finding.why_informs else GATES


def _below(finding: Finding, *, show: bool) -> Iterator[Text | Table]:
    measurement = finding.measurement
    yield Text()
    yield Text(f"{measurement.name} on labels/{measurement.labelled.labels}.json", style="bold")
    note = measurement.agreement.note
    for said in filter(None, (finding.why_informs, "" if note in finding.why_informs else note)):
        yield Text(f"  {visible_line(said)}", style="yellow")
    if measurement.errors:
        yield Text(f"  {_crashes(measurement.errors)}", style="red")
    yield _matrix(measurement)
    if show:
        kinds = (f"{kind} {agreed}/{total}" for kind, (agreed, total) in measurement.by_kind.items())
        yield Text(f"  as labelled, by kind: {', '.join(kinds)}")
        for one in measurement.disagreements:
            yield from _shown(one)


def _crashes(errors: Sequence[Judged]) -> str:
    """How many, and why the first: one cause, such as a key that is refused, mostly explains them all."""
    first = f"on {errors[0].pair.id}: {visible_line(errors[0].reason)}"
    return f"it crashed on {plural(len(errors), 'pair')}, which count nowhere, first {first}; all with --show"


def _matrix(measurement: Measurement) -> Table:
    found = measurement.agreement
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for title in ("called bad", "called good"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_row("  labelled bad", str(found.caught), str(found.missed))
    table.add_row("  labelled good", str(found.false_alarms), str(found.cleared))
    return table


def _shown(one: Judged) -> Iterator[Text]:
    yield Text()
    verdict = f"{one.pair.label}, called {one.verdict}"
    yield Text(f"  {one.pair.id} ({one.pair.kind}): {verdict}", style="red" if one.verdict == "error" else "bold")
    for who, text in (
        ("item", one.pair.item),
        ("scorer", one.reason or "it gives no reason"),
        ("person", one.pair.why),
    ):
        yield Text(f"    {who + ':':8}{visible_line(text)}")


def _disagreement(one: Judged) -> dict[str, str]:
    return {
        "id": one.pair.id,
        "split": one.pair.split.value,
        "kind": one.pair.kind,
        "label": one.pair.label.value,
        "verdict": one.verdict,
        "item": one.pair.item,
        "rationale": one.reason,
        "why": one.pair.why,
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f"[{interval.low:.2f}, {interval.high:.2f}]"


def _plain(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else interval.model_dump()
