"""What the command line shows of one link."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from technoshare_commentator.cli.output import print_effort, print_result, result_as_json
from technoshare_commentator.domain import (
    AnalystIdentity,
    Commentary,
    Coverage,
    Evidence,
    Facts,
    LinkResult,
    Outcome,
    PostReceipt,
    RuleFailure,
    SlackMessage,
    Usage,
    Verdict,
)

ANALYST = AnalystIdentity(
    stage_a_model="extractive", stage_b_model="extractive", prompt_stage_a="a/1/x", prompt_stage_b="b/1/y"
)
RESULT = LinkResult(
    job_id="1",
    url="https://tarn.example/2.0",
    outcome=Outcome.SUCCESS,
    analyst=ANALYST,
    evidence=Evidence(
        url="https://tarn.example/2.0",
        final_url="https://tarn.example/2.0",
        title="Tarn 2.0",
        adapter_name="webpage",
        coverage=Coverage.FULL,
    ),
    facts=Facts(coverage=Coverage.FULL),
    commentary=Commentary(
        tldr=("Tarn is a database.", "It is fast.", "It is small."),
        summary=("It stores rows and columns in one file and reads them back without copying.",),
        projects=("**Data platforms** — try it for the archive.",),
    ),
    verdict=Verdict(rules=("tldr_sentence_count", "theme_known")),
    message=SlackMessage(channel_id="C1", thread_ts="1.0", text="*TL;DR*"),
    receipt=PostReceipt(posted=False),
    latency_seconds=0.4321,
)
FAILED = RESULT.model_copy(
    update={
        "outcome": Outcome.GATE_FAILED,
        "verdict": Verdict(
            rules=("tldr_sentence_count", "theme_known"),
            failures=(RuleFailure(rule="tldr_sentence_count", reason="3 items hold 4 sentences"),),
        ),
    }
)


def printed(result: LinkResult, *, width: int = 80, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system="truecolor" if terminal else None)
    print_result(console, result)
    print_effort(console, result)
    return out.getvalue()


def test_a_commentary_reads_like_this_in_a_narrow_pipe() -> None:
    shown = [line.rstrip() for line in printed(RESULT, width=60).splitlines()]
    assert shown == [
        "Tarn 2.0",
        "https://tarn.example/2.0",
        "webpage · full coverage · model extractive",
        "",
        f"TL;DR {'─' * 54}",
        "  • Tarn is a database.",
        "  • It is fast.",
        "  • It is small.",
        "",
        f"Summary {'─' * 52}",
        "  • It stores rows and columns in one file and reads them",
        "    back without copying.",
        "",
        f"Projects {'─' * 51}",
        "  • Data platforms — try it for the archive.",
        "",
        f"Similar technology {'─' * 41}",
        "  Nothing comparable is named on the page.",
        "",
        "─" * 60,
        "✓ Success: all 2 rules passed, not posted",
        "0.43 s · no tokens",
    ]


def test_a_failed_gate_still_shows_the_commentary_and_every_failed_rule_with_its_reason() -> None:
    shown = printed(FAILED)
    assert "• Tarn is a database." in shown
    assert "✗ Gate failed: 1 of 2 rules\n  tldr_sentence_count 3 items hold 4 sentences" in shown
    assert "theme_known" not in shown
    assert "Success" not in shown


def test_a_posted_commentary_names_its_message() -> None:
    shown = printed(RESULT.model_copy(update={"receipt": PostReceipt(posted=True, ts="1730000000.000001")}))
    assert "all 2 rules passed, posted as 1730000000.000001" in shown


def test_tokens_tools_and_cost_are_shown_as_far_as_they_are_known() -> None:
    usage = Usage(input_tokens=12345, output_tokens=678, tool_call_count=2, cost_usd=0.0123)
    assert "12,345 tokens in, 678 out · $0.0123 · 2 tool calls" in printed(RESULT.model_copy(update={"usage": usage}))
    unknown = usage.model_copy(update={"cost_usd": None, "tool_call_count": 0})
    assert printed(RESULT.model_copy(update={"usage": unknown})).endswith("678 out · price not known\n")


def test_where_a_redirect_led_and_why_coverage_is_partial_are_shown() -> None:
    update = {"final_url": "https://tarn.example/moved", "coverage": Coverage.PARTIAL, "coverage_reason": "a paywall"}
    assert RESULT.evidence is not None
    shown = printed(RESULT.model_copy(update={"evidence": RESULT.evidence.model_copy(update=update)}))
    assert "\n→ https://tarn.example/moved\nwebpage · partial coverage (a paywall) · model" in shown


def test_an_error_is_shown_below_its_link() -> None:
    result = LinkResult(
        job_id="1", url="https://down.example/", outcome=Outcome.ERROR, analyst=ANALYST, error="no answer"
    )
    shown = printed(result)
    assert shown.startswith("https://down.example/\n")
    assert "✗ no answer" in shown


def test_a_message_without_links_says_so() -> None:
    shown = printed(LinkResult(job_id="1", url="", outcome=Outcome.NO_URLS, analyst=ANALYST))
    assert "No link was found in the message." in shown
    assert "Untitled" not in shown


def test_two_models_are_both_named() -> None:
    analyst = ANALYST.model_copy(update={"stage_b_model": "gpt-5-mini"})
    assert "model extractive + gpt-5-mini" in printed(RESULT.model_copy(update={"analyst": analyst}))


def test_an_address_is_never_broken_over_two_lines() -> None:
    url = f"https://tarn.example/{'long-path/' * 20}"
    assert f"\n{url}\n" in printed(RESULT.model_copy(update={"url": url}), width=60)


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("terminal", [True, False])
def test_colour_and_width_do_not_change_the_words(width: int, *, terminal: bool) -> None:
    shown = printed(FAILED, width=width, terminal=terminal)
    assert ("\x1b[" in shown) == terminal
    words = [word for word in _without_colour(shown).split() if "─" not in word]
    assert words == [word for word in printed(FAILED).split() if "─" not in word]


def test_no_line_is_wider_than_the_terminal() -> None:
    commentary = Commentary(
        tldr=("word " * 100, "w" * 500), projects=(f"**{'T' * 90}** — {'x' * 90}",), summary=("日本" * 90,)
    )
    lines = printed(FAILED.model_copy(update={"commentary": commentary}), width=60).splitlines()
    assert max(cell_len(line) for line in lines) <= 60


@given(
    st.text()
    | st.sampled_from(
        ["\x1b[31mred", "\x1b]8;;http://evil.example\x07here", "\x9b2J", "[bold]x[/bold]", "[/]", ":smile:"]
    )
)
def test_nothing_a_page_says_reaches_the_terminal_as_a_command(text: str) -> None:
    update = {"title": text, "final_url": text, "coverage_reason": text, "adapter_name": text}
    assert RESULT.evidence is not None
    hostile = FAILED.model_copy(
        update={
            "evidence": RESULT.evidence.model_copy(update=update),
            "commentary": Commentary(
                tldr=(text,), summary=(text,), projects=(f"**{text}** — {text}",), similar_tech=(text,)
            ),
            "verdict": Verdict(rules=("r",), failures=(RuleFailure(rule=text, reason=text),)),
            "error": text,
            "url": text,
        }
    )
    shown = printed(hostile)
    assert all(character == "\n" or character not in "\x1b\x9b\x07\x08\r\x00\u202e" for character in shown)
    shown.encode()


def test_brackets_of_a_page_are_not_taken_for_markup() -> None:
    commentary = Commentary(tldr=("Use [bold]x[/bold] and [/] and :smile:.",))
    assert "• Use [bold]x[/bold] and [/] and :smile:." in printed(RESULT.model_copy(update={"commentary": commentary}))


def test_the_object_for_programs_has_every_key_and_only_json_in_it() -> None:
    shown = result_as_json(RESULT)
    assert json.loads(json.dumps(shown)) == shown
    assert list(shown) == [
        *("outcome", "source", "model", "evidence", "facts", "commentary"),
        *("gate_failures", "slack_text", "revised", "usage", "latency_seconds"),
    ]
    assert (shown["outcome"], shown["source"], shown["model"]) == ("success", RESULT.url, "extractive")
    assert list(shown["commentary"]) == ["tldr", "summary", "projects", "similar_tech"]
    assert (shown["slack_text"], shown["gate_failures"]) == ("*TL;DR*", [])
    assert shown["usage"]["total_tokens"] == 0


def test_the_object_of_a_failed_gate_holds_the_commentary_and_the_failures() -> None:
    shown = result_as_json(FAILED)
    assert shown["outcome"] == "gate_failed"
    assert shown["gate_failures"] == [{"rule": "tldr_sentence_count", "reason": "3 items hold 4 sentences"}]
    assert shown["commentary"]["tldr"][0] == "Tarn is a database."


def test_the_object_of_an_error_has_the_error_and_null_for_what_was_not_reached() -> None:
    shown = result_as_json(LinkResult(job_id="1", url="x.md", outcome=Outcome.ERROR, analyst=ANALYST, error="no text"))
    assert shown["error"] == "no text"
    assert (shown["evidence"], shown["facts"], shown["commentary"], shown["slack_text"]) == (None, None, None, None)
    assert shown["gate_failures"] == []


def _without_colour(text: str) -> str:
    pieces = text.split("\x1b[")
    return pieces[0] + "".join(piece.partition("m")[2] for piece in pieces[1:])
