from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.domain import Commentary, Evidence, Job
from technoshare_commentator.quality.rules import slack_formatting
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from contract_case import Case


def changed(good: Case, old: str, new: str) -> Case:
    assert old in good.given.slack_text
    return good.slack(good.given.slack_text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("*TL;DR*", "*TLDR*"),
        ("*TL;DR*", "TL;DR"),
        ("*TL;DR*\n", ""),
        ("\n\n\n*Summary*", "\n\n*Summary*"),
        ("\n\n\n*Summary*", "\n\n\n\n*Summary*"),
        ("\n\n\n*Summary*", "\n*Summary*"),
        ("*Summary*", "*Projects*"),
        ("\n\n\n*Similar technology*", "\n\n\n*More*\n• It.\n\n\n*Similar technology*"),
        ("• Brightwater", "\n• Brightwater"),
        ("*TL;DR*", "\n*TL;DR*"),
        ("*TL;DR*", "Here it is:\n*TL;DR*"),
    ],
)
def test_the_four_sections_stand_in_order_with_exactly_two_blank_lines_between(good: Case, old: str, new: str) -> None:
    [failure] = changed(good, old, new).breaks(slack_formatting)
    assert failure.startswith("the Slack text has the sections ")
    assert "it has *TL;DR*, *Summary*, *Projects*, *Similar technology*, in this order" in failure


def test_an_empty_text_is_no_message(good: Case) -> None:
    assert len(good.slack("").breaks(slack_formatting)) == 1


@pytest.mark.parametrize(
    ("old", "new", "bullets"),
    [
        ("• Brightwater", "Brightwater", 10),
        ("• The broker is", "The broker is", 10),
        ("• Unlike", "• More.\n• Unlike", 12),
    ],
)
def test_every_item_is_one_bullet(good: Case, old: str, new: str, bullets: int) -> None:
    [failure] = changed(good, old, new).breaks(slack_formatting)
    assert failure == f"section 'Summary' of the Slack text has {bullets} bullets for 11 items; it has one for each"


def test_an_empty_section_says_so_in_italics(good: Case) -> None:
    empty = good.items(similar_tech=())
    assert empty.breaks(slack_formatting) == []
    [failure] = changed(empty, "_Nothing comparable is named on the page._", "Nothing").breaks(slack_formatting)
    assert failure.startswith("section 'Similar technology'")


def test_a_placeholder_does_not_stand_in_for_items(good: Case) -> None:
    text = good.items(similar_tech=()).given.slack_text
    [failure] = good.slack(text).breaks(slack_formatting)
    assert "has 0 bullets for 1 item;" in failure


def test_project_bullets_start_with_a_bold_theme(good: Case) -> None:
    [failure] = changed(good, "*Data platforms* — ", "Data platforms: ").breaks(slack_formatting)
    assert failure.startswith("line 1 of section 'Projects' is '• Data platforms: Try")


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("It is **very** fast", "bold is one asterisk"),
        ("a & b", "&, < and > are written"),
        ("a &nbsp; b", "&, < and > are written"),
        ("a < b", "&, < and > are written"),
        ("a -> b", "&, < and > are written"),
        ("`a < b`", "&, < and > are written"),
        ("<script>", "&, < and > are written"),
        ("<mailto:a@b.example|mail>", "&, < and > are written"),
        ("ask @here now", "must not call people"),
        ("ask @channel", "must not call people"),
        ("ask `@everyone`", "must not call people"),
        ("(@Here)", "must not call people"),
    ],
)
def test_no_markup_of_a_page_acts_in_slack(good: Case, added: str, reason: str) -> None:
    [failure] = changed(good, "in object storage", f"in {added} storage").breaks(slack_formatting)
    assert reason in failure


@pytest.mark.parametrize(
    "mention",
    [
        "<!channel>",
        "<!here>",
        "<!everyone|all>",
        "<!subteam^S123>",
        "<@U024BE7LH>",
        "<@W1|ada>",
        "<#C024BE7LR>",
        "<!date^1^x|y>",
    ],
)
def test_no_mention_gets_out_of_a_page(good: Case, mention: str) -> None:
    failures = changed(good, "in object storage", f"in {mention} storage").breaks(slack_formatting)
    assert any("must not call people" in failure and mention in failure for failure in failures)


@pytest.mark.parametrize(
    "harmless",
    [
        "R&amp;D",
        "a &lt; b &gt; c",
        "`a &lt; b`",
        "&lt;!channel&gt;",
        "&lt;@U024BE7LH&gt;",
        "<https://larkspur.example/a?b=1&amp;c=2|the notes>",
        "<https://larkspur.example>",
        "mail@here.example",
        "@\u2060here",
        "*bold*",
        "2 ** 10 and a ** b",
        "`**kwargs**`",
        "#channel",
        "C# code",
    ],
)
def test_escaped_text_links_and_code_are_fine(good: Case, harmless: str) -> None:
    assert changed(good, "in object storage", f"in {harmless} storage").breaks(slack_formatting) == []


def test_a_heading_mark_is_no_slack_markup(good: Case) -> None:
    [failure] = changed(good, "• Larkspur", "• ## Larkspur").breaks(slack_formatting)
    assert "Slack has no headings" in failure


def test_lines_and_the_whole_text_stay_within_slacks_limits(good: Case) -> None:
    [line] = changed(good, "object storage", "x" * 3000).breaks(slack_formatting)
    assert "line 1 of section 'TL;DR' has 30" in line
    total, *_ = changed(good, "object storage", "x" * 40_000).breaks(slack_formatting)
    assert "Slack takes at most 40000" in total


def test_what_the_renderer_writes_keeps_the_rule_whatever_the_page_holds(good: Case) -> None:
    hostile = (
        "It calls <!channel>, @here and <@U024BE7LH> with R&D & **bold** `code < 2` in *this* line.",
        "It links to [the notes](https://larkspur.example/a?b=1&c=2) and <https://larkspur.example> too.",
        "# It starts with a heading mark and goes on with 2 ** 10 & more.",
    )
    commentary = good.given.commentary.model_copy(update={"tldr": hostile})
    assert isinstance(commentary, Commentary)
    evidence: Evidence = good.given.evidence
    text = render_message(Job(id="j"), evidence, commentary).text
    failures = good.items(tldr=hostile).slack(text).breaks(slack_formatting)
    assert [failure for failure in failures if "headings" not in failure] == []
