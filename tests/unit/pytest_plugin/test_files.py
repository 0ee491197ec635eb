"""The files a session leaves behind: one that cannot be made keeps no other from being written."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from simulated_session import judged
from technoshare_commentator.mlops.evaluation.reporting import github, html
from technoshare_commentator.pytest_plugin.files import write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nobodys_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def config(**options: str) -> Any:
    given = {f"--eval-{name}": value for name, value in options.items()}
    return SimpleNamespace(getoption=given.get)


def broken(*_: object) -> str:
    raise ZeroDivisionError("a fault of ours")


def test_results_report_and_summary_go_where_they_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("of an earlier step\n")
    results, details = judged()
    wanted = config(json=str(tmp_path / "new/results.json"), report=str(tmp_path / "report.html"))
    files = write_files(wanted, results, details, tmp_path)
    assert [(file.what, file.asked_for, file.problem) for file in files] == [
        ("results", True, ""),
        ("report", True, ""),
        ("summary", False, ""),
    ]
    assert json.loads((tmp_path / "new/results.json").read_text())["session_id"] == results.session_id
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "summary.md").read_text().startswith("of an earlier step\n#")


def test_without_a_wish_the_results_alone_are_written(tmp_path: Path) -> None:
    (file,) = write_files(config(), *judged(), tmp_path)
    assert (file.path, file.asked_for) == (tmp_path / "evals/eval_results.json", False)
    assert json.loads(file.path.read_text())["format"] == 1


def test_a_page_that_cannot_be_made_leaves_the_others_and_its_predecessor_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "render_html", broken)
    monkeypatch.setattr(github, "step_summary", broken)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "report.html").write_text("of yesterday")
    results, report, summary = write_files(config(report=str(tmp_path / "report.html")), *judged(), tmp_path)
    assert results.problem == ""
    assert report.problem == summary.problem == "cannot be made: ZeroDivisionError: a fault of ours"
    assert (tmp_path / "report.html").read_text() == "of yesterday"


def test_a_place_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wanted = config(json=str(tmp_path / "file" / "results.json"), report=str(tmp_path))
    results, report = write_files(wanted, *judged(), tmp_path)
    assert results.problem in {"cannot be written: Not a directory", "cannot be written: File exists"}
    assert report.problem == "cannot be written: Is a directory"
