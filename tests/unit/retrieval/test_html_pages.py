from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.domain import Coverage
from technoshare_commentator.errors import SourceError
from technoshare_commentator.retrieval.extraction.content import evidence_from_bytes
from technoshare_commentator.retrieval.extraction.document import Kind
from technoshare_commentator.retrieval.extraction.formats.html import PAYWALL_GAP, read_fragment, read_html

BODY = "".join(
    f"<p>Part {n} explains how the planner of release {n} picks an index for a query.</p>" for n in range(15)
)
PIECES = [
    *("<p>", "</p>", "<div hidden>", "<table>", "<td>", "<!--", "text. ", "<b style='color:#fff'>", "<br>", "<math>"),
    *("</div>", "<h1>", "<a href=x>", "<code>", "\x00", "&#0;", "<style>p{", "A full sentence about an index. "),
]
FRAME = """<div class="cookie-banner">We use cookies to improve your experience. <button>Accept</button></div>
<header><nav><a href="/">Home</a> <a href="/blog">Blog</a> <a href="/docs">Docs</a></nav></header>{}
<aside><h3>Related posts</h3><ul><li><a href="/1">Ten ways to tune an index for your database</a></li></ul></aside>
<form><p>Sign up for our newsletter and never miss a post again.</p><input></form>
<footer><p>&copy; 2026 Example Ltd. All rights reserved.</p></footer>"""


def page(article: str, head: str = "") -> str:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{FRAME.format(article)}</body></html>"


def test_the_sites_frame_is_dropped_and_the_order_is_kept() -> None:
    article = f"""<main><article><h1>Planner notes</h1><p class=byline>By Ada Lind · 3 May 2026 · 8 min read</p>{BODY}
    <h2>Related articles</h2><ul><li><a href=/2>How we shard the index of a large database</a></li></ul>
    </article></main>"""
    evidence = evidence_from_bytes("https://site.example/a", page(article).encode(), "text/html; charset=utf-8")
    assert [snippet.text.split(" explains")[0] for snippet in evidence.snippets] == [f"Part {n}" for n in range(15)]
    assert evidence.coverage is Coverage.FULL
    assert evidence.title == "Planner notes"


def test_headings_become_sections() -> None:
    article = (
        f"<article><h1>T</h1><h2>Why</h2>{BODY}<h3>How it works¶</h3><p>A cost model ranks all the plans.</p></article>"
    )
    evidence = evidence_from_bytes("https://site.example/a", page(article).encode(), "text/html")
    assert evidence.snippets[0].section == "Why"
    assert evidence.snippets[-1].section == "How it works"


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("<p>One <b>two</b> <a href=x>three</a>.</p><p>Four</p>", ["One two three.", "Four"]),
        ("<div>One<div>Two</div>Three</div>", ["One", "Two", "Three"]),
        ("<ul><li>One<ul><li>Two</li></ul></li><li>Three</li></ul>", ["One", "Two", "Three"]),
        ("<p>One<br>two<br><br>three</p>", ["One two", "three"]),
        ("<p>See <code>x = 1</code> there</p><pre>y = 2</pre><p>End</p>", ["See x = 1 there", "End"]),
        ("<p>Before</p><pre><code>a\nb</code></pre>After", ["Before", "After"]),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", ["Meaning"]),
        ("<blockquote><p>Quoted</p></blockquote>", ["Quoted"]),
        ("<figure><img alt=A><figcaption>Caption</figcaption></figure><p>Text</p>", ["Text"]),
        ("<p>x<sup>2</sup> and H<sub>2</sub>O</p>", ["x2 and H2O"]),
        ("<p>was <del>old</del>new</p>", ["was new"]),
        ('<p>rate <math alttext="\\alpha\\leq 1"><mi>q</mi></math> here</p>', ["rate α≤ 1 here"]),
        ("<p>a<math><mi>n</mi><mo>+</mo><mn>1</mn></math></p>", ["an+1"]),
        ("<p>unclosed <b>bold<p>next", ["unclosed bold", "next"]),
        ("<p>a &amp; b &lt;c&gt; &nbsp; &hellip;</p>", ["a & b <c> …"]),
        ("", []),
    ],
)
def test_markup_becomes_blocks_in_order(markup: str, texts: list[str]) -> None:
    assert [block.text for block in read_fragment(markup)] == texts


def test_kinds_levels_and_links_are_told_apart() -> None:
    markup = (
        "<h3>Head</h3><p>Text with a <a href=x>link inside</a></p><ul><li>Item</li></ul><table><tr><td>Cell</table>"
    )
    found = [(block.kind, block.level, round(block.link_share, 1)) for block in read_fragment(markup)]
    assert found == [(Kind.HEADING, 3, 0.0), (Kind.PROSE, 0, 0.5), (Kind.ITEM, 0, 0.0), (Kind.CELL, 0, 0.0)]


def test_text_in_a_table_for_layout_is_read_and_a_table_of_data_is_not() -> None:
    data = "<table><tr><th>Name</th><th>Rate</th></tr><tr><td>alpha beta</td><td>1,900 per second</td></tr></table>"
    layout = (
        f"<table width=100% bgcolor=white><tr><td><a href=/>Home</a></td><td><h1>Old</h1>{BODY}{data}</td></tr></table>"
    )
    evidence = evidence_from_bytes(
        "https://site.example/a", f"<html><body>{layout}</body></html>".encode(), "text/html"
    )
    assert evidence.coverage is Coverage.FULL
    assert "1,900" not in evidence.text


def test_prose_in_preformatted_text_is_read_and_code_is_not() -> None:
    mail = "Hello all,\n\nthe new planner is ready. It was tested\nfor a month. Please try it on your own data.\n"
    code = "def plan(query):\n    # Look at the index first. Then look at the table. Then decide.\n    return best\n"
    log = "2026-05-03 planner started and waits. Ready.\n" * 3
    markup = f"<pre>{mail}</pre><pre>{code}</pre><pre><code>{mail}</code></pre><pre class=log>{log}</pre>"
    evidence = evidence_from_bytes(
        "https://site.example/a", f"<html><body>{markup}{BODY}</body></html>".encode(), "text/html"
    )
    assert "the new planner is ready. It was tested for a month." in evidence.text
    assert evidence.text.count("new planner") == 1
    assert "index first" not in evidence.text
    assert "waits" not in evidence.text


def test_headings_survive_when_only_bare_paragraphs_can_be_extracted() -> None:
    body = "".join(
        f"<h2>Section {n}</h2><p>Part {n} explains how the planner picks an index for a query.</p>" for n in range(14)
    )
    evidence = evidence_from_bytes(
        "https://site.example/a", f"<html><body><div id=body>{body}</div>".encode(), "text/html"
    )
    assert [snippet.section for snippet in evidence.snippets] == [f"Section {n}" for n in range(14)]


@pytest.mark.parametrize(
    ("head", "article", "title"),
    [
        ("<title>Post | Site</title>", "<h1>Post</h1>", "Post"),
        ("<title>Post | Site</title><meta property=og:title content=Post>", "", "Post"),
        ("<title>Post | Site</title>", "", "Post | Site"),
        ("<title>Both</title>", "<h1>One</h1><h1>Two</h1>", "Both"),
        ("", "<h1>One</h1><h1>Two</h1>", "One"),
        ("<title> Training[[training]] </title>", "", "Training"),
        ("", "<h1 hidden>Secret</h1><h2>Shown</h2>", "Shown"),
        ("", "", "https://site.example/a"),
    ],
)
def test_the_title_is_what_the_page_says_it_is(head: str, article: str, title: str) -> None:
    evidence = evidence_from_bytes(
        "https://site.example/a", page(f"<article>{article}{BODY}</article>", head).encode(), "text/html"
    )
    assert evidence.title == title


def test_what_the_page_says_about_itself_is_kept() -> None:
    head = """<meta name=author content="Ada Lind"><meta property="article:published_time" content="2026-05-03">
    <meta property="og:site_name" content="Planner"><link rel=canonical href="https://site.example/real">"""
    assert read_html(page(BODY, head)).metadata == {
        "author": "Ada Lind",
        "date": "2026-05-03",
        "site": "Planner",
        "language": "en",
        "canonical_url": "https://site.example/real",
    }


@pytest.mark.parametrize(
    "markup",
    [
        '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>',
        '<script type="application/ld+json">{"@graph":[{"isAccessibleForFree":"False"}]}</script>',
        '<script type="application/ld+json">[{"isAccessibleForFree":"false"}]</script>',
        "<p>Subscribe to continue reading this story.</p>",
        "<div><p>Already a subscriber? <a href=/login>Sign in</a></p></div>",
        "<p>The rest of this article is for paying subscribers only.</p>",
    ],
)
def test_a_paywall_makes_coverage_partial_and_is_no_prose(markup: str) -> None:
    evidence = evidence_from_bytes(
        "https://site.example/a", page(f"<article>{BODY}{markup}</article>").encode(), "text/html"
    )
    assert evidence.coverage is Coverage.PARTIAL
    assert evidence.coverage_reason == PAYWALL_GAP
    assert "ubscri" not in evidence.text


@pytest.mark.parametrize(
    "markup",
    [
        '<script type="application/ld+json">{"isAccessibleForFree":true}</script>',
        '<script type="application/ld+json">{"isAccessibleForFree":false</script>',
        '<script>var x = {"isAccessibleForFree":false}</script>',
        "<p>Sign in to the console to view your traces, then open the dashboard.</p>",
        "<p>Create an account to access the API, and keep the key in a safe place.</p>",
    ],
)
def test_what_only_looks_like_a_paywall_is_none(markup: str) -> None:
    evidence = evidence_from_bytes(
        "https://site.example/a", page(f"<article>{BODY}{markup}</article>").encode(), "text/html"
    )
    assert evidence.coverage is Coverage.FULL, evidence.coverage_reason


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode()),
    )
)
def test_arbitrary_html_is_read_or_refused(body: bytes) -> None:
    try:
        first = evidence_from_bytes("https://site.example/a", b"<html>" + body, "text/html").snippets[0].id
    except SourceError as error:
        first = str(error)
    assert first == "s1" or "technoshare comment" in first or "share a page" in first
