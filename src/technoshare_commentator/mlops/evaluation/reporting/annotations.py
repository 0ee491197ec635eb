"""Failed cases and rules of the gate as annotations of GitHub Actions, at the tests that they failed in.

The commands are lines that the runner reads from a step's output:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging.gate_rules import line
from technoshare_commentator.mlops.evaluation.reporting.failures import name_of, reasons_of, worst_first
from technoshare_commentator.mlops.evaluation.reporting.formats import plural
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from technoshare_commentator.mlops.evaluation.reporting.failures import Reason
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults

_MOST = 10  # of errors and of warnings GitHub shows that many a step, the first ones
_MOST_REASONS = 10
_MOST_LINES = 12  # of one reason
_REASON_LENGTH = 500
_TITLE_LENGTH = 200
_WORKSPACE = "GITHUB_WORKSPACE"
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})
_REDACTOR = Redactor()


def annotation_commands(results: SessionResults, root: Path) -> list[str]:
    """Return workflow commands to print, a line each: for the gate's failed rules, then for the worst failed cases.

    `root` is where node ids start from. At most ten, of which the last says how many more there are. They are errors,
    or warnings where the session passed all the same because its gate allows for them.
    """
    level = "warning" if results.exit_status == 0 else "error"
    found = [_gate(results, level)] if results.gate is not None and not results.gate.passed else []
    failed = worst_first(results)
    room = _MOST - len(found)
    shown = failed if len(failed) <= room else failed[: room - 1]
    tests = _Tests(root)
    found += [_case(case, results, tests, level) for case in shown]
    if len(shown) < len(failed):
        rest = f"{plural(len(failed) - len(shown), 'failed case')} more, all of them in the summary of the job"
        found.append(command(level, rest, title="evaluation"))
    return found


class _Tests:
    """Where tests are defined; every file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._lines: dict[Path, dict[tuple[str, ...], int]] = {}

    def place(self, nodeid: str) -> dict[str, str]:
        """The file as GitHub knows it, and the line of the test's `def` if it is there."""
        file, _, rest = nodeid.partition("::")
        path = (self._root / file).resolve()
        names = tuple(rest.partition("[")[0].split("::"))
        if path not in self._lines:
            self._lines[path] = dict(_definitions(path))
        number = self._lines[path].get(names)
        return {"file": self._shown(path), **({"line": str(number)} if number else {})}

    def _shown(self, path: Path) -> str:
        """Relative to the repository, of which the tests' root may be a part."""
        for base in (Path(os.environ.get(_WORKSPACE) or self._root).resolve(), self._root):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return path.as_posix()


def _definitions(path: Path) -> Iterable[tuple[tuple[str, ...], int]]:
    """The lines of functions and methods, by their names from the outside in; none where the file cannot be read."""
    try:
        waiting: list[tuple[tuple[str, ...], ast.AST]] = [((), ast.parse(path.read_bytes()))]
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    while waiting:
        names, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (*names, child.name), child.lineno
            elif isinstance(child, ast.ClassDef):
                waiting.append(((*names, child.name), child))
            elif isinstance(child, ast.stmt):
                waiting.append((names, child))  # a test below an `if` or in a `try`


def _case(case: CaseRow, results: SessionResults, tests: _Tests, level: str) -> str:
    reasons = [f"{reason.who}: {_text(reason)}" for reason in reasons_of(case)]
    rest = [f"… and {len(reasons) - _MOST_REASONS} more"] if len(reasons) > _MOST_REASONS else []
    nodeid = _to_blame(case)
    place = tests.place(nodeid) if nodeid else {}
    return command(level, "\n".join([*reasons[:_MOST_REASONS], *rest]), **place, title=name_of(case, results))


def _to_blame(case: CaseRow) -> str:
    """The test of the first failed score, else the first that failed, which is also the order of the reasons."""
    by_score = (score.test for score in case.scores if score.fails and score.test)
    failed = (test.nodeid for test in case.tests if test.outcome in {"error", "failed"})
    return next(by_score, "") or next(failed, "")


def _text(reason: Reason) -> str:
    """A rationale in one line; of a test's message, such as a diff, the first lines as they are."""
    if reason.kind == "scorer":
        return _line(reason.text)
    lines = reason.text.splitlines()
    return "\n".join([*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])])


def _gate(results: SessionResults, level: str) -> str:
    gate = results.gate
    rules = [rule for rule in gate.rules if rule.verdict == "failed"] if gate is not None else []
    said = [line(rule) for rule in rules[:_MOST_REASONS]] or ["no rule was measured"]
    return command(level, "\n".join(said), title="the gate failed")


def command(level: str, message: str, **properties: str) -> str:
    """Return one workflow command, such as an `error` with file, line and title; what is in it stays in its place."""
    shown = {name: _line(value, _TITLE_LENGTH).translate(_IN_PROPERTIES) for name, value in properties.items()}
    given = ",".join(f"{name}={value}" for name, value in shown.items() if value)
    lines = "\n".join(map(_line, message.split("\n")))
    return f"::{level} {given}::{lines.translate(_IN_MESSAGES)}"


def _line(text: str, length: int = _REASON_LENGTH) -> str:
    line_ = visible_line(_REDACTOR.text(text))
    return line_ if len(line_) <= length else f"{line_[: length - 1]}…"
