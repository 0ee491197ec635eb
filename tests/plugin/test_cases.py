from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foreign_project import Project

TWO_TESTS = """
    pytestmark = pytest.mark.eval(dataset="words.json")

    def test_shouted(output, check):
        check(output, shouted)

    def test_brief(output, check):
        check(output, brevity)
"""


def test_every_example_is_a_case_and_its_tests_share_one_output(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.tests(TWO_TESTS)
    result = project.run(*distribution)
    result.assert_outcomes(passed=5, failed=1)
    assert project.calls == ["long-word", "short-word", "two-words"]


def test_an_example_s_id_selects_it(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests(TWO_TESTS)
    project.run("-k", "short-word", *distribution).assert_outcomes(passed=2)
    assert project.calls == ["short-word"]


def test_a_tag_is_a_marker(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests(TWO_TESTS)
    project.run("-m", "easy and not long", "--strict-markers", *distribution)
    assert project.calls == ["short-word", "two-words"]


def test_where_picks_examples(project: Project) -> None:
    project.tests("""
        @pytest.mark.eval(dataset="words.json", where=lambda example: "hard" in example.tags)
        def test_shouted(output, check):
            check(output, shouted)
    """)
    project.run().assert_outcomes(passed=1)
    assert project.calls == ["long-word"]


def test_a_schema_gives_examples_their_type(project: Project) -> None:
    project.tests("""
        from technoshare_commentator.mlops.evaluation.dataset import Example

        class Word(Example):
            text: str

        @pytest.mark.eval(dataset="words.json", schema=Word)
        def test_type(example):
            assert type(example) is Word
    """)
    project.run().assert_outcomes(passed=3)


def test_a_failed_check_reports_every_scorer_and_no_internals(project: Project) -> None:
    project.tests("""
        @scorer
        def quiet(output):
            return Score("quiet", output, output.islower(), rationale="it shouts")

        @scorer
        def broken(output):
            return 1 / 0

        @pytest.mark.eval(dataset="words.json")
        def test_all(output, check):
            check(output, shouted, quiet, broken)
    """)
    result = project.run("-k", "short-word")
    result.stdout.fnmatch_lines(
        ["2 of 3 scorers did not pass", "*quiet failed (HI): it shouts", "*broken crashed: Zero*"]
    )
    result.stdout.no_fnmatch_line("*cases.py*")
    scores = {score["name"]: score for score in project.rows["short-word"]["scores"]}
    assert scores["shouted"]["passed"] is True
    assert scores["quiet"]["passed"] is False
    assert scores["broken"]["value"] is None
    assert scores["broken"]["error"] == "ZeroDivisionError: division by zero"


def test_a_scorer_called_in_a_plain_assert_is_recorded(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests("""
        @pytest.mark.eval(dataset="words.json")
        def test_plain(output):
            assert brevity(output)
    """)
    result = project.run(*distribution)
    result.assert_outcomes(passed=2, failed=1)
    assert [row["scores"][0]["passed"] for _, row in sorted(project.rows.items())] == [False, True, True]


def test_a_task_that_raises_is_an_error_of_every_test_of_its_case(project: Project) -> None:
    project.dataset({"name": "words", "examples": [{"id": "a", "text": "boom"}, {"id": "b", "text": "x"}]})
    project.tests(TWO_TESTS)
    result = project.run()
    result.assert_outcomes(passed=2, errors=2)
    assert project.calls == ["a", "b"]
    assert [test["outcome"] for test in project.rows["a"]["tests"]] == ["error", "error"]
    assert "model is down" in project.rows["a"]["tests"][0]["message"]


def test_a_tracked_run_takes_tags_metrics_and_stages(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests("""
        @pytest.mark.eval(dataset="words.json")
        def test_first(output, tracked_run):
            tracked_run.tag(seen="yes")

        @pytest.mark.eval(dataset="words.json")
        def test_second(output, tracked_run):
            tracked_run.metric(letters=len(output))
    """)
    project.run(*distribution).assert_outcomes(passed=6)
    row = project.rows["short-word"]
    assert row["run_tags"]["seen"] == "yes"
    assert row["run_metrics"]["letters"] == 2


def test_a_test_may_be_its_own_task(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests("""
        from technoshare_commentator.mlops import tracing

        @pytest.mark.eval(dataset="words.json")
        def test_own(example, tracked_run, check):
            with tracked_run.stage("shout"), tracing.span("llm", tracing.SpanType.LLM) as span:
                span.usage(model="m", input_tokens=3, output_tokens=2, cost_usd=0.25)
            check(example.text.upper(), shouted)

        @pytest.mark.eval
        def test_without_dataset(tracked_run):
            tracked_run.metric(x=1)
    """)
    project.run(*distribution).assert_outcomes(passed=4)
    assert project.calls == []
    assert project.rows["two-words"]["cost_usd"] == 0.25
    assert len(project.rows) == 4


def test_outcomes_of_pytest_keep_their_meaning(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests("""
        @pytest.mark.eval(dataset="words.json")
        def test_skipped(example):
            pytest.skip("not today")

        @pytest.mark.eval(dataset="words.json")
        @pytest.mark.xfail(strict=True)
        def test_known_to_fail(output, check):
            check(output.lower(), shouted)
    """)
    result = project.run(*distribution)
    result.assert_outcomes(skipped=3, xfailed=3)
    assert result.ret == 0
    assert all(row["passed"] for row in project.rows.values())
