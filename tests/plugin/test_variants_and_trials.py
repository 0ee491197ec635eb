"""Variants and trials are one more dimension of the parametrization: ids, selection, the task's view, aggregates."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from foreign_project import Project, outcomes_of
from shared_run import heard, once, told
from slow_project import noted

if TYPE_CHECKING:
    from pathlib import Path

VARIANTS = """
    small:
      model: tiny-1b
      settings: {temperature: 0.5}
    large:
      model: huge-1t
      prompts: {answer: candidate}
    smart: {}
"""
# Of the small model's answers to `shaky` the second is wrong, whichever process gives it; `hopeless` is always wrong.
ANSWERING_CONFTEST = """
    import itertools
    import os
    from pathlib import Path

    def count(name):
        for number in itertools.count(1):
            try:
                os.close(os.open(Path(__file__).with_name(f"{name}.{number}"), os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            return number

    def pytest_eval_task(config, variant):
        def answer(example):
            number = count(f"{variant.name}-{example.id}")
            bad = example.id == "hopeless" or (example.id == "shaky" and number == 2)
            wrong = variant.name == "small" and bad
            said = f"{variant.name} {variant.model} {dict(variant.settings)} {dict(variant.prompts)}"
            with Path(__file__).with_name("calls.txt").open("a") as calls:
                print(example.id, variant.model, file=calls)
            return {"text": "wrong" if wrong else "right", "said": said}
        return answer
"""
SUITE = """
    @scorer
    def right(output):
        return output["text"] == "right"

    @words
    def test_right(output, check):
        check(output, right)

    @words
    def test_variant(output, variant):
        assert output["said"].startswith(f"{variant.name} {variant.model}")

    @words
    def test_own_task(example, variant, tracked_run):
        tracked_run.tag(model=variant.model)
"""
BOTH = ("--eval-variant", "large,small", "--eval-trials", "3")


def furnish(folder: Path) -> Project:
    project = Project(folder).fill()
    project.write("conftest.py", ANSWERING_CONFTEST)
    project.write("pytest.ini", (project.folder / "pytest.ini").read_text() + "eval_variants = variants.yaml\n")
    project.write("variants.yaml", VARIANTS)
    rows = [{"id": name, "text": "?"} for name in ("steady", "shaky", "hopeless")]
    project.dataset({"name": "words", "examples": rows})
    project.tests(SUITE)
    return project


@pytest.fixture
def answering(tmp_path: Path) -> Project:
    """A project with three variants and three examples."""
    return furnish(tmp_path / "words")


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["plain", "n2"])
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, pytest.RunResult]:
    """Two variants, three trials, run once in each of two ways."""
    arguments = (*BOTH, *request.param)
    name = f"variants{''.join(request.param)}"
    folder, outcome = once(tmp_path_factory, name, lambda there: told(furnish(there / "words").run(*arguments)))
    return Project(folder / "words"), heard(outcome)


def test_every_example_runs_once_under_each_variant_in_each_trial(session: tuple[Project, pytest.RunResult]) -> None:
    project, outcome = session
    outcome.assert_outcomes(passed=50, failed=4)
    calls = Counter(noted(project.folder, "calls.txt"))
    assert (calls["steady"], calls["shaky"], calls["hopeless"], calls["huge-1t"], calls["tiny-1b"]) == (6, 6, 6, 9, 9)
    keys = {(row["example_id"], row["variant"], row["trial"]) for row in project.results["cases"]}
    assert len(keys) == 18
    assert len(project.results["cases"]) == 36  # a test that is its own task is a case of its own
    assert [one["name"] for one in project.results["variants"]] == ["large", "small"]


def test_ids_name_variant_and_trial_and_case_ids_do_not(session: tuple[Project, pytest.RunResult]) -> None:
    project, _ = session
    row = project.row("test_right[shaky-small-t2]")
    assert (row["case_id"], row["variant"], row["trial"]) == ("words/shaky", "small", 2)
    assert set(outcomes_of(row)) == {"test_right[shaky-small-t2]", "test_variant[shaky-small-t2]"}
    own = project.row("test_own_task[shaky-small-t2]")
    assert (own["case_id"], own["variant"], own["trial"]) == ("test_words.py::test_own_task[shaky]", "small", 2)
    assert own["run_tags"]["model"] == "tiny-1b"


def test_the_task_gets_the_whole_variant(session: tuple[Project, pytest.RunResult]) -> None:
    project, _ = session
    journals = "".join(path.read_text() for path in project.folder.glob(".home/evals/sessions/*/outputs-*.jsonl"))
    assert "small tiny-1b {'temperature': 0.5} {}" in journals
    assert "large huge-1t {} {'answer': 'candidate'}" in journals


def test_what_becomes_of_several_trials_is_in_the_metrics_and_in_the_summary(
    session: tuple[Project, pytest.RunResult],
) -> None:
    project, outcome = session
    metrics = project.results["metrics"]
    assert project.results["trials"] == 3
    assert metrics["variant.large/right/pass_rate"] == 1.0
    assert metrics["variant.small/right/pass_rate"] == pytest.approx(5 / 9)
    assert metrics["variant.small/right/pass@3"] == pytest.approx(2 / 3)
    assert metrics["variant.small/right/pass^3"] == pytest.approx(1 / 3)
    assert metrics["variant.small/flakiness"] == pytest.approx(1 / 6)  # of six examples, own tasks included
    assert metrics["variant.large/flakiness"] == 0.0
    (comparison,) = project.results["comparisons"]
    assert (comparison["kind"], comparison["before"], comparison["after"]) == ("variants", "large", "small")
    newly = {(one["case_id"], one["trial"]) for one in comparison["newly_failing"]}
    assert {case_id for case_id, _ in newly} == {"words/shaky", "words/hopeless"}
    outcome.stdout.fnmatch_lines(["scorer *large *small*", "right *9/9 100.0% *5/9 55.6%*"])


def test_a_variant_or_a_trial_is_selected_like_any_part_of_an_id(answering: Project) -> None:
    answering.run(*BOTH, "-k", "small and t2 and shaky").assert_outcomes(passed=3, deselected=51)
    assert noted(answering.folder, "calls.txt") == ["shaky", "tiny-1b"]


def test_models_are_variants_of_their_own(answering: Project) -> None:
    result = answering.run("--eval-model", "org/m1:free,./local.gguf", "--collect-only", "-q", "-k", "right and steady")
    result.stdout.fnmatch_lines(
        ["test_words.py::test_right?steady-org-m1-free?", "test_words.py::test_right?steady-local.gguf?"]
    )


def test_without_a_choice_ids_stay_as_they_are_and_the_variant_is_the_default(answering: Project) -> None:
    answering.run("-k", "steady").assert_outcomes(passed=3, deselected=6)
    assert {row["variant"] for row in answering.results["cases"]} == {"default"}
    assert outcomes_of(answering.row("test_right[steady]")) == {
        "test_right[steady]": "passed",
        "test_variant[steady]": "passed",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--eval-variant", "large,smal"), "no variant is called 'smal'; did you mean 'small'?"),
        (("--eval-model", "a/b,a:b"), "the models 'a/b' and 'a:b' would both be called 'a-b' in the ids of tests;*"),
        (("--eval-trials", "0"), "*--eval-trials: '0' is no whole number above zero"),
    ],
    ids=["variant", "models", "trials"],
)
def test_a_choice_that_cannot_be_is_an_error_before_anything_runs(
    answering: Project, arguments: tuple[str, ...], message: str
) -> None:
    result = answering.run("-n", "2", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{message.replace('[', '?')}"])
    assert noted(answering.folder, "calls.txt") == []
    assert not (answering.folder / ".home").exists()


def test_variants_without_a_file_are_told_where_to_name_one(project: Project) -> None:
    project.tests("\n    @words\n    def test_x(output):\n        pass\n")
    result = project.run("--eval-variant", "small")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --eval-variant small: there is no file of variants; name one in the ini*"])
