"""Cassettes in a session: who records where tests run, and what the controller says of it at the end."""

from __future__ import annotations

import re
import shlex
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops.evaluation.recording.cassette import Cassette
from technoshare_commentator.mlops.evaluation.recording.places import TASK, CasePlace
from technoshare_commentator.mlops.evaluation.recording.scope import Recorder, Scope, Session
from technoshare_commentator.mlops.evaluation.recording.unused import (
    RanCase,
    find_unused,
    note_unused,
    note_whole_session,
)
from technoshare_commentator.mlops.evaluation.recording.uses import UseLog, Uses, read_uses
from technoshare_commentator.mlops.evaluation.rows import outcome_of
from technoshare_commentator.pytest_plugin import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.pytest_plugin.case import Case

_KEYWORD = re.compile(r"[\w.:+\[\]/-]+")  # what pytest's -k takes as one word
_WORDS = {"and", "or", "not", "True", "False", "None"}


def make_recorder(config: pytest.Config, notes: Path, worker: str) -> Recorder:
    """The recorder of a process that runs cases."""
    return Recorder(
        Cassette(options.cassettes_folder(config)),
        options.record_mode(config),
        note=UseLog(notes, worker),
        command=lambda place: _command(config, place),
    )


def place_of(case: Case) -> CasePlace:
    """Where the model calls of a case are recorded."""
    return CasePlace(case.case_id, case.variant.name if case.variant else "default", case.trial)


@contextmanager
def scope_of_test(recorder: Recorder, case: Case, item: pytest.Item) -> Iterator[None]:
    """Have what a test asks by itself recorded under its own name."""
    name = getattr(item, "originalname", None) or item.name
    around = Session.test
    Session.recorder, Session.test = recorder, Scope(recorder, place_of(case), name)
    try:
        yield
    finally:
        Session.test = around  # what the test was part of: plugins are tested by sessions inside of sessions


@contextmanager
def ordinary_test() -> Iterator[None]:
    """Leave a test that is no evaluation to itself, in a session that has others too."""
    around, Session.recorder = Session.recorder, None
    try:
        yield
    finally:
        Session.recorder = around


def end_recording(recorder: Recorder) -> None:
    """Let this process be one without a recorder again."""
    if Session.recorder is recorder:
        Session.recorder = None


class Recordings:
    """What became of the session's recordings, as the controller knows it."""

    def __init__(self, config: pytest.Config, notes: Path, told: Mapping[str, Any]) -> None:
        """Take the folder that the processes share, and what those that collected tests have told."""
        self._config = config
        self._notes = notes
        self._told = told
        self.line = ""

    def finish(self, home: Path, session: str, cases: Sequence[CaseResult], *, is_whole: bool) -> None:
        """Sum up; a session that ran everything also tells what it had no use for."""
        uses, cassette = read_uses(self._notes), Cassette(options.cassettes_folder(self._config))
        counts = [
            f"{count} {word}" for word, count in (("replayed", uses.replayed), ("recorded", uses.recorded)) if count
        ]
        if not cassette.folder.is_dir():
            return
        with suppress(OSError):  # a disk that keeps no notes has nothing pruned
            if is_whole and self._saw_everything():
                unused, variants = self._unused(cassette, uses, cases), {case.variant for case in cases}
                note_whole_session(home, cassette, session, unused, variants)
                counts += [f"{len(unused)} unused (technoshare evals recordings --prune)"] if unused else []
            else:
                note_unused(home, cassette, uses.paths)
        self.line = f"recordings: {', '.join(counts)}" if counts else ""

    def _unused(self, cassette: Cassette, uses: Uses, cases: Sequence[CaseResult]) -> list[Path]:
        """Of a part of the suite, such as one of its folders, only what those ask who spoke in it can be judged."""
        is_all = _covers(self._config, cassette.folder)
        spoke = {score.assessment.name for case in cases for score in case.scores}
        scorers = frozenset(self._told.get("scorers", ())) if is_all else frozenset(spoke)
        ran = [_ran(case, scorers) for case in cases if not case.not_run]
        examples = self._told.get("examples", {}) if is_all else {}
        return find_unused(cassette, uses.paths, ran, examples, {case.variant for case in cases})

    def _saw_everything(self) -> bool:
        """Whether every recording that is in use was asked for, here and now."""
        option: Any = self._config.option
        elsewhere = any(
            not str(spec).partition("//")[0].endswith("popen") for spec in getattr(option, "tx", None) or ()
        )
        recalled = option.eval_resume is not None or option.eval_rescore is not None
        ignored = option.ignore or option.ignore_glob
        return not (elsewhere or recalled or ignored or options.is_selection(self._config))


def _covers(config: pytest.Config, cassettes: Path) -> bool:
    """Whether pytest was given the suite that the recordings belong to: all its folders, or one that holds them."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        return True
    return any(cassettes.is_relative_to(Path(config.invocation_params.dir, str(given))) for given in config.args)


def _ran(case: CaseResult, scorers: frozenset[str]) -> RanCase:
    """A case with those who have certainly asked all they ask: a test that failed may not have come to its judges."""
    place = CasePlace(case.case_id, case.variant, case.trial)
    if case.run is None or case.run.status != "FINISHED" or outcome_of(case) not in {"passed", "failed"}:
        return RanCase(place, frozenset())
    passed = {nodeid: test.outcome == "passed" for nodeid, test in case.tests.items()}
    askers = {TASK, *(score.assessment.name for score in case.scores if not score.assessment.error)}
    askers |= {_function(nodeid) for nodeid, well in passed.items() if well}
    return RanCase(place, frozenset(askers | scorers if all(passed.values()) else askers))


def _function(nodeid: str) -> str:
    return nodeid.rpartition("::")[2].partition("[")[0]


def _command(config: pytest.Config, place: CasePlace) -> str:
    """What records the calls of a case, as it is typed where pytest was started."""
    given = [] if config.args_source is not pytest.Config.ArgsSource.ARGS else [str(one) for one in config.args]
    name = place.case_id.rpartition("/")[2]
    usable = _KEYWORD.fullmatch(name) and name not in _WORDS and "::" not in name
    words = ["pytest", *(one.partition("::")[0] for one in given), *(["-k", name] if usable else [])]
    for flag in ("--eval-variant", "--eval-model"):
        if place.variant in options.listed(config, flag):
            words += [flag, place.variant]
    words += ["--eval-trials", str(place.trial)] if place.trial > 1 else []
    return shlex.join([*dict.fromkeys(words), "--eval-record", "new"])
