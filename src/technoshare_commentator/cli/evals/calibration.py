"""`technoshare evals calibrate`: how far scorers agree with people, and so which of them may gate."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from technoshare_commentator import bootstrap
from technoshare_commentator.config import load_settings
from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from technoshare_commentator.cli.evals.calibration_output import Finding
    from technoshare_commentator.config import Settings
    from technoshare_commentator.domain import Evidence
    from technoshare_commentator.mlops.evaluation.judging.calibration import Calibration
    from technoshare_commentator.quality.calibration import Labelled, Measurement

_CRASHED = 1
_FRESH = "_fresh"
_PAGES_URL = "https://labels.example.org"


class Part(StrEnum):
    """Which pairs count."""

    ALL = "all"
    DEV = "dev"
    TEST = "test"


def calibrate(  # noqa: PLR0913 - the flags of a command
    scorers: Annotated[
        list[str] | None, typer.Argument(metavar="SCORER", help="Which scorers (default: all that have labels).")
    ] = None,
    *,
    split: Annotated[Part, typer.Option(help="Which pairs to count.")] = Part.ALL,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Count the pairs of labels/NAME_fresh.json, which nobody works with.")
    ] = False,
    suite: Annotated[
        Path, typer.Option(metavar="DIR", help="The suite, with labels/, pages/ and calibration.yaml.")
    ] = Path("evals"),
    show: Annotated[bool, typer.Option("--show", help="Print every pair on which scorer and person differ.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write what was measured, for the gate to read (calibration.json).")
    ] = False,
) -> None:
    """Hold scorers against pairs that a person labelled: agreement, Cohen's kappa, precision and recall of "bad".

    The judges are asked where MODEL_JUDGE names a model. A scorer whose kappa is below the one that `calibration.yaml`
    requires informs and does not gate. What was written holds as long as the labels, the judge's prompt and its model
    stay the same; of rules, only what was measured on fresh pairs is written where there are such.

    Exit status: 0, or 1 when a scorer crashed on a pair.

    For example:

    - `technoshare evals calibrate`
    - `technoshare evals calibrate numbers_supported --split test --show`
    - `technoshare evals calibrate --write`
    - `technoshare evals calibrate sentences_supported --fresh --write`
    """
    from technoshare_commentator.cli.console import make_console  # noqa: PLC0415
    from technoshare_commentator.cli.evals import calibration_output  # noqa: PLC0415
    from technoshare_commentator.mlops.evaluation.judging.calibration import load_calibration  # noqa: PLC0415

    if write and split is Part.DEV:
        raise ConfigurationError(
            "--write --split dev: a judge's prompt is worked on with the dev pairs, so they prove nothing; "
            "write what was measured on all pairs or on --split test"
        )
    calibration = load_calibration(suite / "calibration.yaml")
    findings = run(scorers or (), split, suite, calibration, fresh=fresh)
    if as_json:
        print(json.dumps(calibration_output.as_json(findings), indent=2, ensure_ascii=False))
    else:
        calibration_output.print_calibration(make_console(), findings, show=show)
    if write:
        _write(findings if fresh else _measured_in_earnest(findings, suite), calibration)
    if any(finding.measurement.errors for finding in findings):
        raise typer.Exit(_CRASHED)


def run(
    names: Sequence[str], split: Part, suite: Path, calibration: Calibration, *, fresh: bool = False
) -> list[Finding]:
    """Measure the scorers of these names, all where none is given, on the labels of a suite.

    With `fresh` those that have fresh labels are measured on these.
    """
    from technoshare_commentator.quality.calibration import (  # noqa: PLC0415 - brings all scorers
        LABELLED,
        Labelled,
        chosen,
        measure,
    )
    from technoshare_commentator.quality.labels import Split, load_labels  # noqa: PLC0415 - as above

    read_page = page_reader(suite / "pages")
    found = []
    with _judges(load_settings(), names) as judges:
        for labelled in chosen(names, (*LABELLED, *judges)):
            name = f"{labelled.labels}{_FRESH if fresh else ''}"
            path = suite / "labels" / f"{name}.json"
            if fresh and not path.exists() and not names:
                continue
            labels = load_labels(path)
            pairs = labels.of(None if split is Part.ALL else Split(split.value))
            if not pairs:
                raise ConfigurationError(f"labels/{name}.json has no pair of the split {split.value!r}; label some")
            measured = measure(Labelled(name, labelled.scorer), pairs, read_page)
            found.append(_finding(measured, split, suite, calibration))
    return found


@contextmanager
def _judges(settings: Settings, names: Sequence[str]) -> Iterator[tuple[Labelled, ...]]:
    """The judges, where MODEL_JUDGE names one; each answers the question that it and a file of labels are named by.

    Who asks for scorers of code alone needs no model; who asks for a judge by name does.
    """
    from technoshare_commentator.quality.calibration import LABELLED, Labelled  # noqa: PLC0415 - as above
    from technoshare_commentator.quality.judges.questions import QUESTIONS  # noqa: PLC0415 - as above

    asked = [question.name for question in QUESTIONS if question.name in names]
    if asked and settings.model_judge is None:
        raise ConfigurationError(f"{' and '.join(asked)} cannot be asked: {bootstrap.JUDGES_ARE_OFF}")
    if settings.model_judge is None or (names and {*names} <= {one.scorer.name for one in LABELLED}):
        yield ()
        return
    judges = bootstrap.Judges(settings)
    try:
        yield tuple(Labelled(one.name, one) for one in judges.scorers())
    finally:
        judges.close()


def page_reader(folder: Path) -> Callable[[str], Evidence]:
    """What reads a page of the suite into evidence as retrieval does it, each page once."""
    from technoshare_commentator.retrieval.frozen import evidence_from_file  # noqa: PLC0415 - brings trafilatura

    @lru_cache(maxsize=256)
    def read(page: str) -> Evidence:
        return evidence_from_file(f"{_PAGES_URL}/{page}", folder / page)

    return read


def _finding(found: Measurement, split: Part, suite: Path, calibration: Calibration) -> Finding:
    from technoshare_commentator.cli.evals.calibration_output import Finding  # noqa: PLC0415 - as above
    from technoshare_commentator.mlops.evaluation.judging.calibration import (  # noqa: PLC0415 - as above
        Calibrated,
        content_digest,
    )

    # As seen from the file that --write writes, for the gate will look for the labels from there.
    path = (suite / "labels" / f"{found.labelled.labels}.json").resolve()
    seen = Path(os.path.relpath(path, calibration.file.parent.resolve())).as_posix()
    digest = content_digest(path)
    known = Calibrated.of(found.agreement, labels=seen, labels_digest=digest, split=split.value, judge=found.judge)
    now = replace(calibration, measured={found.name: known}, digests={seen: digest})
    required = calibration.required.get(found.name)
    why = now.why_not_calibrated(found.name)
    if required is None and found.speaks_as_judge:
        why = f"{str(calibration.source)!r} requires no kappa of this judge"
    return Finding(found, known, required, why)


def _measured_in_earnest(findings: Sequence[Finding], suite: Path) -> list[Finding]:
    """Leave out rules that were worked on with the labels they were measured on, where there are fresh ones."""
    found = []
    for finding in findings:
        fresh = suite / "labels" / f"{finding.measurement.labelled.labels}{_FRESH}.json"
        if finding.measurement.speaks_as_judge or not fresh.exists():
            found.append(finding)
        else:
            print(f"{finding.measurement.name}: not written; --fresh measures it on {fresh.name}", file=sys.stderr)
    return found


def _write(findings: Sequence[Finding], calibration: Calibration) -> None:
    from technoshare_commentator.mlops.evaluation.judging.calibration import write_measured  # noqa: PLC0415 - as above

    crashed = [finding.measurement.name for finding in findings if finding.measurement.errors]
    if crashed:
        raise ConfigurationError(
            f"{', '.join(crashed)} crashed on some pairs, so nothing was written; see them with --show"
        )
    if not findings:
        return
    write_measured(calibration.file, {finding.measurement.name: finding.calibrated for finding in findings})
    print(f"calibration: {calibration.file}", file=sys.stderr)  # stdout may be JSON
