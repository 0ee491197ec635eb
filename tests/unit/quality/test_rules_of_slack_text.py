from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_case import good_case
from technoshare_commentator.domain import Commentary, Evidence, Job
from technoshare_commentator.quality.rules import slack_completeness, slack_formatting
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


def test_every_item_stands_in_its_place_of_the_slack_text(good: Case) -> None:
    assert good.breaks(slack_completeness) == []
    lines = good.given.slack_text.split("\n")
    lines[1], lines[2] = lines[2], lines[1]
    first, second = good.slack("\n".join(lines)).breaks(slack_completeness)
    assert first.startswith("line 1 of section 'TL;DR' of the Slack text is ")
    assert "and the item there is 'Larkspur is a message queue" in first
    assert second.startswith("line 2 of section 'TL;DR'")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("38 ms", "83 ms"),
        (" in object storage", ""),
        ("in object storage", "in object storage @here"),
        ("*Data platforms*", "*Security*"),
        ("Storage costs fell by 87% because", "Storage costs fell by 87%…"),
    ],
)
def test_a_line_that_shows_more_less_or_something_else_than_its_item_is_told(good: Case, old: str, new: str) -> None:
    assert len(changed(good, old, new).breaks(slack_completeness)) == 1


@given(items=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), min_size=3, max_size=3))
def test_what_the_renderer_makes_of_any_item_counts_as_the_item(items: list[str]) -> None:
    good = good_case()
    shown = tuple(f"It says {item} and more." for item in items)
    commentary = good.given.commentary.model_copy(update={"tldr": shown})
    text = render_message(Job(id="j"), good.given.evidence, commentary).text
    assert good.items(tldr=shown).slack(text).breaks(slack_completeness) == []


@pytest.mark.parametrize(
    "item",
    [
        "It links to [the notes](https://larkspur.example/a?b=1&c=2) and to [a_b](https://larkspur.example/c_(d)).",
        "It says **bold**, `code` and __more__ & <tags> with @here and 2 ** 10.",
        "It is long: " + "many words & marks " * 300,
    ],
)
def test_markup_that_the_renderer_translates_is_still_the_item(good: Case, item: str) -> None:
    commentary = good.item("tldr", 1, item).given.commentary
    text = render_message(Job(id="j"), good.given.evidence, commentary).text
    assert good.item("tldr", 1, item).slack(text).breaks(slack_completeness) == []


@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("[the notes](https://larkspur.example/notes)", "a link is <address|label> in Slack"),
        ("```code```", "an item is one line of text"),
    ],
)
def test_markdown_that_slack_would_show_as_it_is_is_told(good: Case, added: str, rule: str) -> None:
    failures = changed(good, "in object storage", f"in {added} storage").breaks(slack_formatting)
    assert any(failure.endswith(rule) for failure in failures)
