from __future__ import annotations

import pytest

from technoshare_commentator.retrieval.extraction.boilerplate import is_paywall_notice, is_prose, page_text
from technoshare_commentator.retrieval.extraction.document import Block, Kind


def prose(text: str, link_share: float = 0.0) -> Block:
    return Block(Kind.PROSE, text, link_share=link_share)


def item(text: str, link_share: float = 0.0) -> Block:
    return Block(Kind.ITEM, text, link_share=link_share)


def heading(text: str, level: int = 2) -> Block:
    return Block(Kind.HEADING, text, level=level)


@pytest.mark.parametrize(
    "text",
    [
        "It works.",
        "But why?",
        "Rocket moves tables between engines without copying them.",
        "Vector search engine for the next generation of applications",
        "Run `rocket --fast` and open http://localhost:8000 to see the result.",
        "The cache (an LRU map) holds 1,024 entries; see [1] for the proof.",
        "By the end of 2025 we had moved 640 TB.",
        "Share the load between two nodes and both of them stay below half.",
        "Tags: they are how we find runs again, and we use them everywhere now.",
        "這是一個關於搜尋引擎的完整句子。",
        "このデータベースは非常に速いです。",
    ],
)
def test_what_somebody_wrote_to_be_read_is_prose(text: str) -> None:
    assert is_prose(prose(text))


@pytest.mark.parametrize(
    "block",
    [
        prose("Fast"),
        prose("Home | Docs | Blog | Community"),
        prose("Ada Lind · 3 May 2026 · 8 min read"),
        prose("Posted on 3 May 2026 by the platform team"),
        prose("Von Henrike Bachmann und Jörg Willems, 14. Januar 2026"),
        prose("8 min read"),
        prose("Share this post on your favourite network"),
        prose("We use cookies to improve your experience on this site."),
        prose("© 2026 Example Ltd. All rights reserved."),
        prose("Copyright Ada Lind and others, 2004."),
        prose("Subscribe to our newsletter and never miss a post again."),
        prose("Please enable JavaScript to see this page as it was meant."),
        prose("Quick start with docs and many links to other pages", link_share=0.9),
        prose("Figure 3: The latency of all engines over time."),
        prose("Table 2. Results of the comparison, in milliseconds."),
        prose('classNames="a b" notebooks={[{label: "Open it", value: "x"}]} and more words here'),
        prose("{% include banner.html with several words inside %}"),
        prose("def move(a, b): return [x for x in a if x != b] || {} // never"),
        prose("a" * 5000 + " is one word of many letters, and no prose."),
        prose("12 34 56 78 90"),
        prose("***"),
        item("Master UI: http://localhost:9333"),
        item("Go client"),
        item("A link to another place entirely", link_share=1.0),
        Block(Kind.CELL, "keys, money, short strings and other things of that kind"),
        Block(Kind.CELL, "Not supported yet."),
    ],
)
def test_frame_furniture_and_code_are_not_prose(block: Block) -> None:
    assert not is_prose(block)


def test_a_cell_that_holds_whole_sentences_is_prose() -> None:
    assert is_prose(Block(Kind.CELL, "Capture complete traces of your applications and agents for analysis."))


def test_a_frame_section_ends_at_the_next_heading_of_its_level() -> None:
    text = "This is the text of the section, as somebody wrote it."
    blocks = [
        heading("Why", 2),
        prose(text + " A"),
        heading("Table of contents:", 3),
        prose(text + " B"),
        heading("Deeper", 4),
        prose(text + " C"),
        heading("How", 3),
        prose(text + " D"),
        heading("Sponsors", 2),
        prose(text + " E"),
        heading("Gold", 3),
        prose(text + " F"),
        heading("License", 2),
        prose(text + " G"),
    ]
    kept, _ = page_text(blocks)
    assert [block.text[-1] for block in kept if block.kind is Kind.PROSE] == ["A", "D", "G"]
    assert [block.text for block in kept if block.kind is Kind.HEADING] == ["Why", "How", "License"]


def test_a_block_that_is_repeated_word_for_word_is_kept_once() -> None:
    kept, _ = page_text(
        [prose("The same words stand here."), item("Another item of the list"), prose("The same words stand here.")]
    )
    assert [block.text for block in kept] == ["The same words stand here.", "Another item of the list"]


def test_bullets_and_alert_marks_are_taken_off() -> None:
    kept, _ = page_text([prose("[!TIP] Use the cache when you can."), item("• A bullet typed by hand in the text")])
    assert [block.text for block in kept] == ["Use the cache when you can.", "A bullet typed by hand in the text"]


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading",
        "Sign in to read the full story.",
        "This article is for subscribers only.",
        "The rest of this post is available only to paying members.",
        "Become a member to unlock this story and thousands more.",
        "You have 2 free articles left this month.",
        "Already a subscriber? Log in.",
    ],
)
def test_a_demand_to_subscribe_before_reading_on_is_a_paywall_notice(text: str) -> None:
    assert is_paywall_notice(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sign in to the console to view your traces.",
        "Register an account to access the API.",
        "Subscribers receive every event that is published to the topic.",
        "The broker is for subscribers that cannot poll.",
        "Log in and continue with step three.",
        "Upgrade to read replicas when one node is not enough.",
    ],
)
def test_a_step_of_a_tutorial_is_no_paywall_notice(text: str) -> None:
    assert not is_paywall_notice(text)
