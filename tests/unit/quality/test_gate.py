from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_case import render
from technoshare_commentator.domain import (
    Commentary,
    Coverage,
    Evidence,
    Fact,
    Facts,
    RuleFailure,
    Snippet,
    Verdict,
)
from technoshare_commentator.prompts import ProjectContext
from technoshare_commentator.quality import gate as gate_module
from technoshare_commentator.quality.gate import ContractGate
from technoshare_commentator.quality.rule_input import RuleInput
from technoshare_commentator.quality.rules import RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_case import Case
    from technoshare_commentator.pipeline.ports import Gate


def judge(case: Case) -> Verdict:
    given = case.given
    gate: Gate = ContractGate(given.context)
    return gate.judge(given.commentary, given.facts, given.evidence, given.slack_text)


def test_a_commentary_that_keeps_the_contract_passes(good: Case) -> None:
    verdict = judge(good)
    assert verdict.failures == ()
    assert verdict.passed


def test_the_verdict_names_every_rule_in_a_stable_order(good: Case) -> None:
    assert judge(good).rules == (
        "schema_validity",
        "coverage",
        "facts_cited",
        "tldr_sentence_count",
        "summary_sentence_count",
        "no_repeated_sentences",
        "theme_prefix",
        "theme_known",
        "theme_fits",
        "similar_tech_format",
        "slack_formatting",
        "slack_completeness",
        "no_leftovers",
        "numbers_supported",
        "names_supported",
        "english",
        "links_supported",
        "no_mentions",
        "no_instructions_echoed",
    )


def test_every_broken_rule_is_reported_with_its_reason(good: Case) -> None:
    failures = judge(good.item("summary", 1, "It needs 77 cores from Globex to run.")).failures
    assert {failure.rule for failure in failures} == {"numbers_supported", "names_supported"}
    assert all("summary item 1" in failure.reason for failure in failures)


def test_an_empty_commentary_breaks_what_it_must_and_no_more() -> None:
    context = ProjectContext(description="", themes=())
    evidence = Evidence(url="", final_url="", title="", adapter_name="", coverage=Coverage.FAILED)
    verdict = ContractGate(context).judge(Commentary(), Facts(coverage=Coverage.FAILED), evidence, "")
    assert {failure.rule for failure in verdict.failures} == {
        "coverage",
        "facts_cited",
        "tldr_sentence_count",
        "summary_sentence_count",
        "theme_prefix",
        "slack_formatting",
    }


def test_the_settings_tell_rules_and_limits(good: Case) -> None:
    settings_in_force = ContractGate(good.given.context).settings
    assert settings_in_force["gate_rules"].split(",") == [rule.name for rule in RULES]
    assert settings_in_force["gate_summary_sentences"] == "10-15"
    assert settings_in_force["gate_themes"] == "Data platforms,Cloud & observability"


def test_a_rule_that_raises_is_a_bug_that_surfaces(good: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(given: RuleInput) -> Iterator[str]:
        raise ZeroDivisionError(given.slack_text[:0])

    monkeypatch.setattr(gate_module, "RULES", (Rule(broken),))
    with pytest.raises(ZeroDivisionError):
        judge(good)


def test_a_rule_with_many_failures_shows_the_first_and_counts_the_rest(good: Case) -> None:
    def chatty(_: RuleInput) -> Iterator[str]:
        yield from (str(number) for number in range(9))

    failures = Rule(chatty)(good.given)
    assert [failure.reason for failure in failures] == ["0", "1", "2", "3", "4", "and 4 more failures of this rule"]
    assert failures[0] == RuleFailure(rule="chatty", reason="0")


STRANGE = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("*•—`<>&@!#|[](){}\"'“”.…?!\n\t\u200b\u202e\x00 0123456789aAeEkKvx$%×-_/:;,")),
        st.characters(exclude_categories=()),
    ),
    max_size=120,
)
BULLET = st.builds("**{}** — {}".format, STRANGE, STRANGE)
ITEMS = st.lists(st.one_of(STRANGE, BULLET), max_size=17).map(tuple)
COMMENTARIES = st.builds(Commentary.model_construct, tldr=ITEMS, summary=ITEMS, projects=ITEMS, similar_tech=ITEMS)


@settings(max_examples=150, deadline=5000)
@given(commentary=COMMENTARIES, page=STRANGE, fact=STRANGE, text=st.one_of(st.none(), STRANGE))
def test_no_commentary_however_strange_makes_a_rule_raise(
    good: Case, commentary: Commentary, page: str, fact: str, text: str | None
) -> None:
    evidence = Evidence.model_construct(
        url=page,
        final_url=page,
        title=page,
        adapter_name="webpage",
        coverage=Coverage.PARTIAL,
        coverage_reason=page,
        snippets=(Snippet.model_construct(id="s1", text=page, section=page),),
        sources=(page,),
        metadata={page: page},
    )
    facts = Facts.model_construct(
        facts=(Fact.model_construct(text=fact, snippet_ids=("s1", fact)),), coverage=Coverage.FULL
    )
    given_text = render(commentary) if text is None else text
    for rule in RULES:
        assert all(
            failure.reason for failure in rule(RuleInput(commentary, facts, evidence, given_text, good.given.context))
        )


@pytest.mark.parametrize(
    "unit", ["**", "` ", "1.", "<!", "A", "3 to ", "(", "“a ", "@here ", "GPT-4-", "a/", "1e5", "_x_", "twenty-"]
)
def test_long_degenerate_items_take_bounded_time(good: Case, unit: str) -> None:
    long = unit * (50_000 // len(unit))
    case = good.items(tldr=(long,) * 3, projects=(f"**{long}** — {long}",), similar_tech=(f"**{long}** — {long}",))
    begun = time.process_time()
    judge(case)
    assert time.process_time() - begun < 15


def test_a_long_page_is_judged_quickly(good: Case) -> None:
    """Measured at 60 ms cold for 12,000 words; the limit leaves room for a busy machine."""
    filler = [
        f"In run {number} the Node{number}.js worker of Team{number % 97} handled {number * 37} jobs in {number} ms."
        for number in range(860)
    ]
    added = tuple(Snippet(id=f"f{place}", text=" ".join(filler[place : place + 4])) for place in range(0, 860, 4))
    case = good.evidence(snippets=(*good.given.evidence.snippets, *added))
    assert len(case.given.evidence.text.split()) > 12_000
    judge(good)
    begun = time.process_time()
    verdict = judge(case)
    assert time.process_time() - begun < 0.5
    assert verdict.passed
