from __future__ import annotations

import re
from typing import Any

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from simulated_session import Plan, judged, row
from technoshare_commentator.mlops.evaluation.reporting.github import step_summary
from technoshare_commentator.mlops.evaluation.reporting.markdown import code, details, fenced, prose
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseChange,
    CaseRow,
    Comparison,
    GateResult,
    RuleResult,
    ScoreRow,
    SessionResults,
    TestRow,
)
from technoshare_commentator.visible_line import visible_line

MIB = 1024 * 1024
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
API_KEY = "sk-abcdefghijklmnop_qrstuvwxyz0"
NASTY = [
    "</details><script>alert(1)</script>",
    "a | b\n| c |",
    "[click](http://evil.example) ![x](y) <a href=x>",
    "```\n# heading\n```",
    "@everyone *bold* _it_ ~~gone~~ $x$ :smile: www.evil.example",
    "\x1b[31mred\u202egnp.exe\u2028\x00",
    "&lt;b&gt; \\` <!-- -->",
    "- 1. > #",
]
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from([*NASTY, "\n", " ", "`", "1. "]), max_size=4).map("".join)
)


def rendered(markdown: str) -> Any:
    return lxml.html.document_fromstring(f"<html><body>{RENDERER.render(markdown)}</body></html>").body


def text_of(element: Any) -> str:
    return visible_line(element.text_content())


def session(*cases: CaseRow, **more: Any) -> SessionResults:
    return SessionResults(cases=cases, exit_status=1 if any(not case.passed for case in cases) else 0, **more)


def failing(example_id: str, *scorers: str, nodeid: str = "evals/test_links.py::test_x", **more: Any) -> CaseRow:
    scores = tuple(
        ScoreRow(name=name, value=False, passed=False, rationale=f"{name} says no", test=nodeid) for name in scorers
    )
    tests = (TestRow(nodeid=nodeid, outcome="failed", message="assert 1 == 2"),)
    return row(example_id, "failed").model_copy(update={"scores": scores, "tests": tests, **more})


def test_the_verdict_stands_first_and_says_what_it_rests_on() -> None:
    passed = step_summary(session(row("a", scores={"brief": True}), row("b", scores={"brief": True})))
    assert passed.startswith("## ✅ Evaluation: passed\n\nAll 2 cases passed.\n")
    failed = step_summary(session(row("a"), failing("b", "brief")))
    assert failed.startswith("## ❌ Evaluation: failed\n\n1 of 2 cases failed.\n")


def test_a_session_has_gate_scorers_comparisons_and_failed_cases_in_this_order() -> None:
    results, _ = judged(Plan(examples=12), 3)
    page = rendered(step_summary(results))
    titles = [text_of(title) for title in page.iter("h3")]
    assert titles == [
        "Gate evals/gate.yaml: failed",
        "Scorers",
        "Since the baseline: baseline.json → this",
        f"{len(results.failed_cases)} failed cases",
    ]


def test_every_rule_of_the_gate_has_its_line_and_a_failed_one_names_cases() -> None:
    rules = (
        RuleResult(rule="pass_rate >= 0.9", value=0.5, verdict="failed", cases=("links/a", "links/b")),
        RuleResult(rule="errors <= 0", value=0, verdict="passed"),
    )
    page = rendered(step_summary(session(row("a"), gate=GateResult(source="gate.yaml", rules=rules))))
    assert [text_of(item) for item in page.iter("li")] == [
        "❌ pass_rate: 0.5 >= 0.9 — failed links/a, links/b",
        "✅ errors: 0 <= 0 — passed",
    ]


def test_a_scorer_has_its_rate_and_interval() -> None:
    cases = [row(f"e{number}", scores={"brief": number != 0, "size": 0.75}) for number in range(4)]
    (table,) = rendered(step_summary(session(*cases))).iter("table")
    rows = [[text_of(cell) for cell in line.iter("th", "td")] for line in table.iter("tr")]
    assert rows == [
        ["scorer", "passed", "rate", "95 % interval", "mean"],
        ["brief", "3 of 4", "75%", "30.1–95.4%", ""],  # Wilson's interval of 3 in 4
        ["size", "4 of 4", "100%", "51–100%", "0.75"],
        ["cases", "4 of 4", "100%", "51–100%", ""],
    ]


def test_crashes_of_scorers_and_several_trials_have_columns_of_their_own() -> None:
    cases = [
        row("a", "error" if crash else "passed", scores={"brief": None if crash else True}, trial=trial)
        for trial, crash in ((1, False), (2, True))
    ]
    (table,) = rendered(step_summary(session(*cases, trials=2))).iter("table")
    rows = [[text_of(cell) for cell in line.iter("th", "td")] for line in table.iter("tr")]
    assert rows[0] == ["scorer", "passed", "rate", "95 % interval", "errors", "pass@2", "pass^2"]
    assert rows[1][:3] + rows[1][4:] == ["brief", "1 of 2", "50%", "1", "100%", "0%"]


def test_variants_stand_side_by_side_and_are_compared() -> None:
    results, _ = judged(Plan(examples=8, variants={"small": 0.0, "large": 0.2}, trials=2), 3)
    page = rendered(step_summary(results))
    heads = [[text_of(cell) for cell in table.iter("th")] for table in page.iter("table")]
    assert heads[0] == ["scorer", "small", "large"]
    assert heads[1:] == [["scorer", "before", "after", "difference", "95 % interval", "p"]] * 3
    assert "Variants: small → large" in [text_of(title) for title in page.iter("h3")]
    assert "with another verdict in another trial" in page.text_content()


def test_a_comparison_names_the_cases_that_changed() -> None:
    comparison = Comparison(
        kind="baseline",
        before="baseline.json",
        after="this session",
        pairs=3,
        newly_failing=(CaseChange(case_id="links/a", scorers=("brief",)), CaseChange(case_id="links/b", trial=2)),
        newly_passing=(CaseChange(case_id="links/c"),),
    )
    page = rendered(step_summary(session(failing("a", "brief"), comparisons=(comparison,))))
    assert "3 pairs of cases, 2 newly failing, 1 newly passing" in page.text_content()
    assert [text_of(item) for item in page.iter("li")] == ["links/a: brief", "links/b trial 2", "links/c"]
    assert "newly failing" in text_of(page.xpath("//details[last()]/summary")[0])


def test_a_failed_case_unfolds_to_the_rationale_of_each_failed_score() -> None:
    case = failing("a", "brief", "true", trace_id="tr-1")
    page = rendered(step_summary(session(case)))
    (details,) = page.iter("details")
    assert text_of(details.find("summary")) == "❌ a: brief, true"
    assert "brief: brief says no" in text_of(details)
    assert "trace tr-1" in text_of(details)
    assert "assert 1 == 2" not in text_of(details)  # the scores say it already


def test_a_test_that_failed_without_a_score_shows_its_message_as_it_is() -> None:
    message = "assert {\n    'a': 1,\n} == ```x```"
    case = row("a", "failed", tests=(TestRow(nodeid="t.py::test_it[a::b]", outcome="failed", message=message),))
    page = rendered(step_summary(session(case)))
    assert text_of(page.xpath("//summary")[0]) == "❌ a: test_it"
    (block,) = page.iter("pre")
    assert block.text_content() == f"{message}\n"
    assert "test_it[a::b]" in [text_of(one) for one in page.iter("code")]


def test_tests_that_failed_alike_are_said_once() -> None:
    tests = [TestRow(nodeid=f"t.py::{name}[a]", outcome="error", message="the task broke") for name in ("x", "y", "z")]
    page = rendered(step_summary(session(row("a", "error", tests=tuple(tests)))))
    assert [text_of(block) for block in page.iter("pre")] == ["the task broke"]
    assert "x[a] and 2 more" in [text_of(one) for one in page.iter("code")]


def test_errors_come_first_then_what_newly_fails() -> None:
    newly = Comparison(
        kind="baseline", before="b", after="a", pairs=3, newly_failing=(CaseChange(case_id="links/new"),)
    )
    cases = failing("old", "x", "y"), failing("new", "x"), row("broken", "error")
    page = rendered(step_summary(session(*cases, comparisons=(newly,))))
    named = [text_of(one.find("code")) for one in page.xpath("//h3[last()]/following::summary")]
    assert named == ["broken", "new", "old"]


def test_a_session_without_cases_says_that_nothing_was_run() -> None:
    assert "Nothing was run" not in step_summary(session(row("a")))
    assert step_summary(SessionResults(exit_status=5)).startswith("## ⏭️ Evaluation: nothing was run\n")


def test_a_huge_session_is_cut_to_what_github_takes_and_says_how_much_is_missing() -> None:
    message = "`é<&>` " * 2000
    cases = [
        row(f"e{n}", "failed", tests=(TestRow(nodeid=f"t.py::t[{n}]", outcome="failed", message=message),))
        for n in range(1500)
    ]
    summary = step_summary(session(*cases))
    assert MIB * 0.9 < len(summary.encode()) < MIB
    (more,) = re.findall(r"_(\d[\d,]*) failed cases more: GitHub", summary)
    assert summary.count("<details>") + int(more.replace(",", "")) == 1500
    assert summary.count("<details>") == summary.count("</details>")


def test_a_huge_gate_or_comparison_is_cut_too() -> None:
    rules = tuple(RuleResult(rule=f"x{n}/mean >= 0", value=1.0, verdict="passed") for n in range(5000))
    changes = tuple(CaseChange(case_id=f"links/{n}", scorers=("s",) * 500) for n in range(5000))
    comparison = Comparison(kind="baseline", before="b", after="a", pairs=5000, newly_failing=changes)
    gate = GateResult(source="g", rules=rules)
    summary = step_summary(session(failing("a", "x"), gate=gate, comparisons=(comparison,)))
    assert len(summary.encode()) < MIB
    assert summary.count("… and 4800 more") == 2
    assert "1 failed case" in summary


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("as_markdown", [prose, code])
def test_text_of_strangers_stays_text(as_markdown: Any, text: str) -> None:
    check_that_it_stays_text(as_markdown, text)


@given(TEXTS)
@settings(deadline=None)
def test_any_text_stays_text_in_a_cell_in_a_list_and_in_html(text: str) -> None:
    for as_markdown in (prose, code):
        check_that_it_stays_text(as_markdown, text)


def test_long_texts_are_cut() -> None:
    assert prose("a" * 11, 10) == f"{'a' * 9}…"
    assert code("<" * 11, 10) == f"<code>{'&#60;' * 9}…</code>"
    assert fenced("`" * 11, 10) == f"{'`' * 10}text\n{'`' * 9}…\n{'`' * 10}"


def check_that_it_stays_text(as_markdown: Any, text: str) -> None:
    shown = as_markdown(text, 10_000)
    places = f"| {shown} | x |\n| --- | --- |", f"- {shown} y", details(shown, "z"), f"after {shown}"
    page = rendered("\n\n".join(places))
    expected = visible_line(text)
    assert [text_of(cell) for cell in page.iter("th")] == [expected, "x"]
    assert [text_of(item) for item in page.iter("li")] == [visible_line(f"{expected} y")]
    assert [text_of(item) for item in page.iter("summary")] == [expected]
    used = {element.tag for element in page.iter()}
    assert used <= {*("body", "table", "thead", "tr", "th", "ul", "li", "details", "summary", "p", "code")}
    assert "://" not in shown
    assert "www." not in shown.lower()


@given(TEXTS)
@settings(deadline=None)
def test_any_text_stays_in_its_block_of_code(text: str) -> None:
    page = rendered(f"{fenced(text)}\n\nafter")
    assert visible_line("".join(block.text_content() for block in page.iter("pre"))) == visible_line(text)
    assert [text_of(paragraph) for paragraph in page.iter("p")] == ["after"]
    assert len(page.xpath("//pre")) == bool(visible_line(text))


@given(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS))
@settings(deadline=None, max_examples=50)
def test_no_text_of_a_session_changes_the_structure_of_its_summary(texts: tuple[str, str, str, str]) -> None:
    name, rationale, message, variant = texts
    case = failing(f"id{name}", f"scorer{name}", nodeid=f"t.py::t[{name}]", variant=f"v{variant}")
    scores = tuple(one.model_copy(update={"rationale": f"r{rationale}"}) for one in case.scores)
    broken = TestRow(nodeid=f"t.py::u[{name}]", outcome="error", message=f"m{message}")
    case = case.model_copy(update={"scores": scores, "tests": (*case.tests, broken)})
    gate = GateResult(source=f"g{name}", rules=(RuleResult(rule=f"x{name} >= 1", value=None, verdict="failed"),))
    calm = session(failing("id", "scorer", variant="v"), gate=GateResult(source="g", rules=gate.rules))
    calm_case = calm.cases[0].model_copy(update={"tests": (*calm.cases[0].tests, TestRow(nodeid="u", outcome="error"))})
    calm = calm.model_copy(update={"cases": (calm_case,)})
    tags = [element.tag for element in rendered(step_summary(session(case, gate=gate))).iter()]
    assert tags == [element.tag for element in rendered(step_summary(calm)).iter()]


def test_secrets_are_blotted_out_before_they_are_escaped() -> None:
    case = failing("a", "brief")
    told = case.scores[0].model_copy(update={"rationale": f"the key {API_KEY} was printed"})
    summary = step_summary(session(case.model_copy(update={"scores": (told,)})))
    assert "the key [redacted] was printed" in text_of(rendered(summary))
    assert "abcdefghijklmnop" not in summary
