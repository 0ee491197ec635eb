"""`technoshare evals calibrate` as a user runs it, over a small suite and over the project's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import technoshare
from model_server import KEY, MODEL, model_server, refuses
from technoshare_commentator.mlops.evaluation.judging.calibration import load_calibration

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Command = Callable[..., subprocess.CompletedProcess[str]]

EVALS = Path(__file__).parents[2] / "evals"
PAGE = (
    "# Tarn\n\nTarn answers a query in 3 ms on one core. It was written at Hollowfell Labs by two people in a year.\n"
)
PAIRS = (
    ("a", "dev", "good", "Tarn answers a query in 3 ms."),
    ("b", "dev", "bad", "Tarn answers a query in 9 ms."),
    ("c", "test", "good", "Tarn was written at Hollowfell Labs."),
    ("d", "test", "bad", "Tarn was written by nobody at all."),
)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite with one page, four labelled pairs and a kappa that numbers_supported must reach."""
    folder = tmp_path / "evals"
    for name in ("labels", "pages"):
        (folder / name).mkdir(parents=True)
    (folder / "pages/tarn.md").write_text(PAGE, encoding="utf-8")
    (folder / "calibration.yaml").write_text("required_kappa: {numbers_supported: 0.6}\n", encoding="utf-8")
    shared = {"kind": "verbatim", "why": "As the page says.", "page": "tarn.md", "section": "summary"}
    keys = ("id", "split", "label", "item")
    pairs = [{**shared, **dict(zip(keys, values, strict=True))} for values in PAIRS]
    content = {"judges": "faithfulness", "description": "", "pairs": pairs}
    (folder / "labels/faithfulness.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture
def calibrate(suite: Path) -> Command:
    """Run the command beside the suite, without any setting of this machine."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return technoshare("evals", "calibrate", *arguments, folder=suite.parent)

    return run


def row(output: str, scorer: str) -> str:
    return next(" ".join(line.split()) for line in output.splitlines() if line.startswith(f"{scorer} "))


def test_a_scorer_is_shown_with_its_agreement_and_what_follows_from_it(calibrate: Command) -> None:
    shown = calibrate("--show")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert row(shown.stdout, "numbers_supported") == (
        "numbers_supported 4 0.75 [0.30, 0.95] 0.50 [-0.23, 1.00] 0.6 1.00 0.50 informs only"
    )
    assert row(shown.stdout, "names_supported").endswith("- - 0.00 gates")
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "its kappa 0.500 is below the required 0.6" in lines
    assert lines[lines.index("labelled bad 1 1") + 1] == "labelled good 0 2"
    assert "the scorer calls every pair good" in lines  # the other one, which looks at names only
    assert "as labelled, by kind: verbatim 3/4" in lines
    assert lines[lines.index("d (verbatim): bad, called good") + 1 :][:3] == [
        "item: Tarn was written by nobody at all.",
        "scorer: it gives no reason",
        "person: As the page says.",
    ]


def test_a_narrow_terminal_shows_what_follows_in_full(suite: Path) -> None:
    shown = technoshare("evals", "calibrate", folder=suite.parent, settings={"COLUMNS": "80"}).stdout
    (head,) = (line for line in shown.splitlines() if line.startswith("scorer "))
    assert head.split() == ["scorer", "pairs", "agreement", "kappa", "required", "precision", "recall", "verdict"]
    assert row(shown, "numbers_supported").endswith(" 0.6 1.00 0.50 informs")  # and below it: only
    assert row(shown, "names_supported").endswith(" gates")


def test_a_judge_that_crashes_says_why_without_being_asked(suite: Path) -> None:
    with model_server() as server:
        server.usual = lambda _: refuses(401, "that key is none")
        asked = {"MODEL_JUDGE": MODEL, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
        found = technoshare("evals", "calibrate", "faithfulness", folder=suite.parent, settings=asked)
    assert found.returncode == 1
    (line,) = (line for line in found.stdout.splitlines() if "it crashed on 4 pairs, which count nowhere" in line)
    assert "that key is none" in line
    assert found.stdout.count("there are no pairs") <= 1


def test_a_split_and_a_scorer_can_be_picked(calibrate: Command) -> None:
    (found,) = json.loads(calibrate("numbers_supported", "--split", "dev", "--json").stdout)
    assert (found["scorer"], found["split"], found["pairs"], found["kappa"]) == ("numbers_supported", "dev", 2, 1.0)
    assert (found["verdict"], found["precision"], found["recall"], found["disagreements"]) == ("gates", 1.0, 1.0, [])


def test_json_has_what_the_table_rounds(calibrate: Command) -> None:
    (found,) = json.loads(calibrate("numbers_supported", "--json").stdout)
    assert found["kappa"] == pytest.approx(0.5)
    assert found["verdict"] == "informs only"
    assert [one["id"] for one in found["disagreements"]] == ["d"]
    assert found["by_kind"] == {"verbatim": [3, 4]}


def test_what_was_written_is_what_the_gate_reads(calibrate: Command, suite: Path) -> None:
    told = calibrate("numbers_supported", "--split", "test", "--json", "--write")
    assert told.stderr == "calibration: evals/calibration.json\n"
    assert json.loads(told.stdout)[0]["split"] == "test"
    first = load_calibration(suite / "calibration.yaml")
    assert first.why_not_calibrated("numbers_supported") == "its kappa 0.000 is below the required 0.6"
    (suite / "calibration.yaml").write_text("required_kappa: {numbers_supported: 0.4}\n", encoding="utf-8")
    calibrate("numbers_supported", "--write")
    assert load_calibration(suite / "calibration.yaml").why_not_calibrated("numbers_supported") == ""
    labels = suite / "labels/faithfulness.json"
    labels.write_text(json.dumps(json.loads(labels.read_text()), indent=8))  # laid out anew, and still the same
    assert load_calibration(suite / "calibration.yaml").why_not_calibrated("numbers_supported") == ""
    labels.write_text(labels.read_text().replace("As the page says.", "As the page has it."))
    assert "has changed since" in load_calibration(suite / "calibration.yaml").why_not_calibrated("numbers_supported")


def test_what_was_measured_of_other_scorers_stays_in_the_file(calibrate: Command, suite: Path) -> None:
    calibrate("numbers_supported", "--write")
    calibrate("names_supported", "--write")
    assert set(load_calibration(suite / "calibration.yaml").measured) == {"names_supported", "numbers_supported"}


def test_of_rules_only_what_was_measured_on_fresh_pairs_is_written(suite: Path, calibrate: Command) -> None:
    labels = json.loads((suite / "labels/faithfulness.json").read_text())
    content = {**labels, "judges": "faithfulness_fresh"}
    (suite / "labels/faithfulness_fresh.json").write_text(json.dumps(content), encoding="utf-8")
    told = calibrate("numbers_supported", "--write")
    assert told.stderr == "numbers_supported: not written; --fresh measures it on faithfulness_fresh.json\n"
    assert load_calibration(suite / "calibration.yaml").measured == {}
    calibrate("numbers_supported", "--fresh", "--write")
    measured = load_calibration(suite / "calibration.yaml").measured
    assert {name: one.labels for name, one in measured.items()} == {
        "numbers_supported": "labels/faithfulness_fresh.json"
    }


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("--write", "--split", "dev"),
            "technoshare: --write --split dev: a judge's prompt is worked on with the dev ",
        ),
        (("taste",), "technoshare: there are no labels for a scorer 'taste'; there are for "),
        (("relevance",), "technoshare: relevance cannot be asked: MODEL_JUDGE is not set, so nobody judges: name a "),
        (
            ("--suite", "nowhere"),
            "technoshare: the file of required kappas 'nowhere/calibration.yaml' does not exist; ",
        ),
    ],
)
def test_a_mistake_is_one_line_and_status_two(calibrate: Command, arguments: Any, complaint: str) -> None:
    found = calibrate(*arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(complaint)
    assert found.stderr.count("\n") == 1


def test_a_scorer_of_code_needs_no_judge_that_can_be_asked(suite: Path) -> None:
    nobody = {"MODEL_JUDGE": "some-model"}  # and no key
    found = technoshare("evals", "calibrate", "numbers_supported", folder=suite.parent, settings=nobody)
    assert (found.returncode, found.stderr) == (0, "")
    assert "OPENAI_API_KEY" in technoshare("evals", "calibrate", folder=suite.parent, settings=nobody).stderr


def test_a_page_that_is_not_there_is_named(calibrate: Command, suite: Path) -> None:
    (suite / "pages/tarn.md").unlink()
    found = calibrate()
    assert found.returncode != 0
    assert "tarn.md" in found.stderr
    assert "Traceback" not in found.stderr


def test_the_project_s_own_labels_are_all_counted(calibrate: Command) -> None:
    found = json.loads(calibrate("--suite", str(EVALS), "--json").stdout)
    pairs = len(json.loads((EVALS / "labels/faithfulness.json").read_text(encoding="utf-8"))["pairs"])
    assert {
        one["scorer"]: (one["pairs"], one["errors"]) for one in found if one["labels"].endswith("faithfulness.json")
    } == {
        "numbers_supported": (pairs, 0),
        "names_supported": (pairs, 0),
        "sentences_supported": (pairs, 0),
    }
