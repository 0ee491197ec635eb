"""A commentary as a Slack message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from block_kit import LONGEST_TEXT, block_errors, formatted, links, markup_errors
from technoshare_commentator.domain import (
    SECTION_SEPARATOR,
    SECTION_TITLES,
    Commentary,
    Coverage,
    Evidence,
    Job,
    SlackMessage,
)
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from technoshare_commentator.pipeline.ports import Renderer

RENDER: Renderer = render_message
JOB = Job(id="7", channel_id="C0TECHNO", message_ts="1730000000.000100", text="look")
EVIDENCE = Evidence(
    url="https://tinylink.example/x",
    final_url="https://tarn.example/blog/2.0",
    title="Tarn 2.0 <released> | Tarn",
    adapter_name="webpage",
    coverage=Coverage.FULL,
)
COMMENTARY = Commentary(
    tldr=("Tarn 2.0 stores rows & columns.", "It reads `*.tarn` files.", "It needs < 40 MB."),
    summary=("Tarn is a database.", "Call `__init__` first."),
    projects=("**Data platforms** — try it for the archive.", "**General** — read the paper."),
    similar_tech=("**Basalt** — a column store.",),
)
STRANGE = st.text(max_size=80) | st.sampled_from(
    ["<!channel>", "**x**", "*", "`", "@here", "&" * 900, "a " * 3000, "w" * 9000, "<" * 4000]
)
ITEMS = st.lists(STRANGE, max_size=12).map(tuple)
COMMENTARIES = st.builds(Commentary, tldr=ITEMS, summary=ITEMS, projects=ITEMS, similar_tech=ITEMS)


def section_texts(message: SlackMessage) -> list[str]:
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def rendered(**parts: tuple[str, ...]) -> SlackMessage:
    return render_message(JOB, EVIDENCE, Commentary(**parts))


def test_a_commentary_reads_in_slack_like_this() -> None:
    assert render_message(JOB, EVIDENCE, COMMENTARY).text == (
        "*TL;DR*\n"
        "• Tarn 2.0 stores rows &amp; columns.\n"
        "• It reads `*.tarn` files.\n"
        "• It needs &lt; 40 MB.\n"
        "\n\n"
        "*Summary*\n"
        "• Tarn is a database.\n"
        "• Call `__init__` first.\n"
        "\n\n"
        "*Projects*\n"
        "• *Data platforms* — try it for the archive.\n"
        "• *General* — read the paper.\n"
        "\n\n"
        "*Similar technology*\n"
        "• *Basalt* — a column store."
    )


def test_the_blocks_are_a_link_to_the_page_and_the_four_sections() -> None:
    message = render_message(JOB, EVIDENCE, COMMENTARY)
    source, *sections = message.blocks
    assert source == {
        "type": "context",
        "elements": [
            {
                "type": "mrkdwn",
                "text": "<https://tarn.example/blog/2.0|Tarn 2.0 &lt;released&gt; ¦ Tarn>",
                "verbatim": True,
            },
            {"type": "mrkdwn", "text": "webpage · full coverage", "verbatim": True},
        ],
    }
    assert all(block["text"]["verbatim"] for block in sections)
    assert SECTION_SEPARATOR.join(section_texts(message)) == message.text
    assert block_errors(message.blocks) == []


def test_the_reply_goes_into_the_thread_of_the_message() -> None:
    message = render_message(JOB, EVIDENCE, COMMENTARY)
    assert (message.channel_id, message.thread_ts) == ("C0TECHNO", "1730000000.000100")
    assert SlackMessage.model_validate_json(message.model_dump_json()) == message


def test_a_page_with_nothing_comparable_says_so() -> None:
    assert rendered(tldr=("One.",)).text.endswith("*Similar technology*\n_Nothing comparable is named on the page._")


def test_a_missing_section_keeps_its_place() -> None:
    titles = [part.partition("\n")[0] for part in rendered(similar_tech=("**A** — b.",)).text.split(SECTION_SEPARATOR)]
    assert titles == [f"*{title}*" for title in SECTION_TITLES]


def test_items_without_visible_text_are_left_out() -> None:
    assert rendered(tldr=("", " \n", "\u200b", "One.")).text.startswith("*TL;DR*\n• One.\n\n\n")


def test_an_item_cannot_fake_a_section() -> None:
    assert rendered(tldr=("One.\n\n\n*Summary*\n• Two.",)).text.count(SECTION_SEPARATOR) == 3


def test_why_a_page_was_read_in_part_is_told() -> None:
    evidence = EVIDENCE.model_copy(
        update={"coverage": Coverage.PARTIAL, "coverage_reason": "a paywall after 2 paragraphs"}
    )
    source = render_message(JOB, evidence, COMMENTARY).blocks[0]
    assert source["elements"][1]["text"] == "webpage · partial coverage: a paywall after 2 paragraphs"


def test_a_local_file_is_named_and_not_linked() -> None:
    evidence = EVIDENCE.model_copy(update={"url": "notes.md", "final_url": "", "title": ""})
    assert render_message(JOB, evidence, COMMENTARY).blocks[0]["elements"][0]["text"] == "notes.md"


def test_a_long_section_is_split_between_items() -> None:
    summary = tuple(f"Sentence number {n} {'says a little more ' * 20}." for n in range(15))
    message = rendered(summary=summary)
    parts = [text for text in section_texts(message) if "Sentence number" in text]
    assert len(parts) > 1
    assert all(part.startswith("• ") for part in parts[1:])
    assert "\n".join(parts) in message.text
    assert [text.count("\n• ") + text.startswith("• ") for text in parts] == [7, 7, 1]


def test_an_item_longer_than_a_block_is_cut_at_a_word() -> None:
    [item] = [text for text in section_texts(rendered(tldr=("word " * 2000,))) if "TL;DR" in text]
    assert item.endswith("word word…")
    assert 2500 < len(item) <= 3000


def test_an_item_that_grows_by_its_escapes_is_cut_to_what_fits() -> None:
    [item] = [text for text in section_texts(rendered(tldr=("<" * 5000,))) if "TL;DR" in text]
    assert item.endswith("&lt;…")
    assert 2500 < len(item) <= 3000


def test_a_section_beyond_measure_says_how_much_it_leaves_out() -> None:
    message = rendered(summary=("word " * 500,) * 100)
    assert "_… and 97 more._\n\n\n*Projects*" in message.text
    assert "… and 97 more." in formatted(message.text, "italic")


@settings(max_examples=60)
@given(COMMENTARIES, st.text(max_size=300), STRANGE, STRANGE)
def test_any_commentary_on_any_page_becomes_a_message_within_all_limits(
    commentary: Commentary, title: str, url: str, reason: str
) -> None:
    evidence = Evidence(
        url=url,
        final_url=f"https://a.example/{url}",
        title=title,
        adapter_name="pdf",
        coverage=Coverage.PARTIAL,
        coverage_reason=reason,
    )
    message = render_message(JOB, evidence, commentary)
    assert block_errors(message.blocks) == []
    assert len(message.text) <= LONGEST_TEXT
    assert [part.partition("\n")[0] for part in message.text.split(SECTION_SEPARATOR)] == [
        f"*{t}*" for t in SECTION_TITLES
    ]
    for text in (message.text, *section_texts(message), *(e["text"] for e in message.blocks[0]["elements"])):
        assert markup_errors(text) == []
    assert links(message.text) == []
