"""`technoshare evals mutate` as a user runs it, in a small project with pages of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import technoshare

if TYPE_CHECKING:
    import subprocess

EVALS = Path(__file__).parents[2] / "evals"
WRITTEN = "github-tarn-vector-search"
QUOTED = "release-turnpike-gateway-2-6"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with two of our examples, one of them with a commentary written by hand."""
    home = tmp_path_factory.mktemp("project")
    content = json.loads((EVALS / "datasets" / "technoshare.json").read_text(encoding="utf-8"))
    content["examples"] = [one for one in content["examples"] if one["id"] in {WRITTEN, QUOTED}]
    for folder in ("datasets", "pages", "commentaries"):
        (home / "evals" / folder).mkdir(parents=True)
    (home / "evals" / "datasets" / "technoshare.json").write_text(json.dumps(content), encoding="utf-8")
    for example in content["examples"]:
        shutil.copy(EVALS / "pages" / example["page"], home / "evals" / "pages")
    shutil.copy(EVALS / "commentaries" / f"{WRITTEN}.json", home / "evals" / "commentaries")
    return home


@pytest.fixture
def mutate(project: Path) -> Any:
    """Run the command in the project, without any setting of this machine."""

    def run(*arguments: str, columns: int = 100) -> subprocess.CompletedProcess[str]:
        return technoshare("evals", "mutate", *arguments, folder=project, settings={"COLUMNS": str(columns)})

    return run


def test_the_table_says_which_scorer_catches_which_mutation(mutate: Any, tmp_path: Path) -> None:
    done = mutate("--only", "lost_bold", "--only", "changed_number", "--json", str(tmp_path / "report.json"))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.split("\n")
    assert [line.split()[:5] for line in lines[:3]] == [
        ["mutation", "caught", "a", "b", "c"],
        ["lost_bold", "3/3", "·", "·", "·"],
        ["changed_number", "3/3", "·", "·", "·"],
    ]
    assert max(map(len, lines)) <= 100
    assert "caught: 6 of 6 mutants (100.0%, 95 % interval 61.0% to 100.0%) >= 95% required -- PASSED" in lines
    assert "flagged: 0 of 3 untouched (0.0%, 95 % interval 0.0% to 56.1%) <= 2% required -- PASSED" in lines
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["passed"] is True
    assert report["caught"]["required"] == 0.95
    assert [one["name"] for one in report["originals"]] == [WRITTEN, QUOTED, f"{WRITTEN}+hand-written"]
    assert {one["mutation"]: one["made"] for one in report["tallies"]} == {"lost_bold": 3, "changed_number": 3}
    assert all(
        "numbers_supported" in one["caught_by"] for one in report["mutants"] if one["mutation"] == "changed_number"
    )


def test_a_narrow_terminal_shows_the_scorers_in_several_tables_and_loses_none(mutate: Any) -> None:
    done = mutate("--only", "numbered_items", "--per-mutation", "10", columns=50)
    assert "…" not in done.stdout
    rows = [line.split() for line in done.stdout.split("\n") if line.startswith(("mutation ", "numbered_items "))]
    heads, counts = rows[::2], rows[1::2]
    assert len(heads) == 3
    assert "".join(letter for head in heads for letter in head[2:]) == "abcdefghijklmnopqrst"
    assert [count[1] for count in counts] == ["10/10"] * 3
    assert counts[0][2] == "10"  # a schema_validity
    assert "a schema_validity caught 10, alone " in done.stdout


def test_what_is_required_is_printed_as_it_was_asked_for(mutate: Any) -> None:
    asked = ("--require-caught", "0.975", "--require-flagged", "0.004")
    done = mutate("--only", "lost_bold", "--per-mutation", "1", *asked, columns=50)
    assert ">= 97.5% required -- PASSED\n" in done.stdout
    assert "<= 0.4% required -- PASSED\n" in done.stdout


def test_a_report_that_cannot_be_written_is_still_printed(mutate: Any, project: Path) -> None:
    done = mutate("--only", "lost_bold", "--json", str(project))
    assert done.returncode == 2
    assert "cannot be written: Is a directory" in done.stderr
    assert "caught: 3 of 3 mutants" in done.stdout


def test_survivors_are_named_decide_the_exit_status_and_can_be_looked_at(mutate: Any) -> None:
    blind = mutate("--only", "changed_number", "--scorers", "english, theme_known", "--seed", "3")
    assert blind.returncode == 1
    name = f"changed_number/{WRITTEN}/0"
    assert "3 survived; look at one with: technoshare evals mutate --seed 3 --show NAME" in blind.stdout
    assert f"  {name}\n" in blind.stdout
    assert ">= 95% required -- FAILED" in blind.stdout
    assert mutate("--only", "changed_number", "--scorers", "english", "--require-caught", "0").returncode == 0
    shown = mutate("--seed", "3", "--show", name)
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"{name}\nA figure becomes one that the page does not hold.\n")
    removed, added = (line for line in shown.stdout.split("\n") if line.startswith(("- •", "+ •")))
    assert removed[2:] != added[2:]
    assert "✗ numbers_supported  " in shown.stdout
    assert "passed: schema_validity, coverage, " in shown.stdout


def test_an_untouched_commentary_can_be_looked_at_too(mutate: Any) -> None:
    shown = mutate("--show", f"untouched/{WRITTEN}+hand-written")
    assert shown.stdout.startswith(f"untouched/{WRITTEN}+hand-written\n")
    assert "passed: schema_validity, coverage, facts_cited, " in shown.stdout
    assert "✗" not in shown.stdout


def test_a_limit_spreads_the_mutants_over_the_pages_and_the_seed_decides(mutate: Any) -> None:
    first, again = (mutate("--only", "near_copy", "--per-mutation", "2", "--seed", "7") for _ in range(2))
    assert first.stdout.split("\n")[1].split()[:2] == ["near_copy", "2/2"]
    assert first.stdout == again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "lost_bolt"), "there is no mutation 'lost_bolt'; did you mean 'lost_bold'?"),
        (("--scorers", "englisch"), "there is no scorer 'englisch'; did you mean 'english'?"),
        (("--show", "lost_bold/nowhere"), "there is no page 'nowhere'"),
        (("--show", "lost_bold/x/y"), "'y' is no number; the form is MUTATION/PAGE/NUMBER"),
        (("--show", f"lost_bold/{WRITTEN}/²"), "'²' is no number; the form is MUTATION/PAGE/NUMBER"),
        (("--dataset", "nowhere.json"), "there is no dataset 'nowhere.json' here; run this in the project's folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(mutate: Any, arguments: tuple[str, ...], said: str) -> None:
    done = mutate(*arguments)
    assert done.returncode == 2
    [line] = done.stderr.strip().split("\n")
    assert said in line


def test_what_waits_for_a_review_is_no_good_commentary_to_start_from(mutate: Any, project: Path) -> None:
    dataset = json.loads((project / "evals" / "datasets" / "technoshare.json").read_text(encoding="utf-8"))
    example = next(one for one in dataset["examples"] if one["id"] == QUOTED)
    waiting = {**example, "id": "from-production", "tags": ["production", "needs_review"]}
    copy = project / "evals" / "datasets" / "waiting.json"
    copy.write_text(json.dumps({**dataset, "name": "waiting", "examples": [*dataset["examples"], waiting]}), "utf-8")
    done = mutate("--only", "lost_bold", "--dataset", str(copy))
    assert "flagged: 0 of 3 untouched " in done.stdout  # the two pages, and what a person wrote on one of them


def test_a_commentary_that_is_no_commentary_is_told_with_its_file_and_key(mutate: Any, project: Path) -> None:
    broken = project / "evals" / "commentaries" / "broken.json"
    broken.write_text('{"example": "a", "commentary": {"tldr": "one"}}', encoding="utf-8")
    try:
        done = mutate("--only", "lost_bold")
    finally:
        broken.unlink()
    assert done.returncode == 2
    assert "broken.json': key 'commentary.tldr': " in done.stderr
    assert "known keys: example, commentary, tldr, summary, projects, similar_tech" in done.stderr
