"""Which links of a message ask for a commentary."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.pipeline.links import find_links

FRAGMENTS = st.lists(
    st.sampled_from([*"<>|`&;()[]{}.,!\n #?=/_@é\u200b", "&amp;", "&gt;", "&lt;", "```"])
    | st.sampled_from(["https://", "http://", "a.com", "<@U1>", "[::1", ":99999", "utm_a=x"])
).map("".join)


def urls(text: str, limit: int = 10) -> list[str]:
    return [link.url for link in find_links(text, limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("look <https://a.com/x|a.com/x>", ["https://a.com/x"]),
        ("<https://a.com/x> and <http://b.com|B & b>", ["https://a.com/x", "http://b.com"]),
        ("<https://a.com/?p=1&amp;q=2>", ["https://a.com/?p=1&q=2"]),
        ("<https://a.com/?p=1&amp;copy=2>", ["https://a.com/?p=1&copy=2"]),
        ("bare https://a.com/x?p=1&amp;q=2, then more", ["https://a.com/x?p=1&q=2"]),
        ("*<https://a.com>* _<https://b.com>_", ["https://a.com", "https://b.com"]),
        ("HTTPS://A.com/X", ["HTTPS://A.com/X"]),
        ("first line\nhttps://a.com\nhttps://b.com", ["https://a.com", "https://b.com"]),
        ("[docs](https://a.com/x)", ["https://a.com/x"]),
        ("a &lt;https://a.com&gt; b", ["https://a.com"]),
        ("a <see https://a.com/x for more> b", ["https://a.com/x"]),
        ("https://пример.рф/страница", ["https://пример.рф/страница"]),
        ("https://a.com:8443/x", ["https://a.com:8443/x"]),
        ("nothing here", []),
        ("", []),
    ],
)
def test_links_are_found_as_slack_delivers_them(text: str, expected: list[str]) -> None:
    assert urls(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.com/x.", "https://a.com/x"),
        ("See https://a.com/x?!…", "https://a.com/x"),
        ("(see https://a.com/x)", "https://a.com/x"),
        ("(see https://a.com/x_(y))", "https://a.com/x_(y)"),
        ("https://a.com/Tarn_(database)", "https://a.com/Tarn_(database)"),
        ("“https://a.com/x”, he said", "https://a.com/x"),
        ("*https://a.com/x*", "https://a.com/x"),
        ("https://a.com/x)))).", "https://a.com/x"),
        ("https://a.com/x\u200b", "https://a.com/x"),
        ("https://a.com/", "https://a.com/"),
    ],
)
def test_a_bare_link_ends_where_its_sentence_goes_on(text: str, expected: str) -> None:
    assert urls(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "<@U012AB3CD> <#C0123|general> <!here> <!subteam^S1|@team>",
        "<mailto:me@a.com|https://a.com>",
        "<!date^1^{date}^https://a.com/x|today>",
        "<tel:+123|123>",
        "ftp://a.com file:///etc/passwd javascript:alert(1) www.a.com",
        "git+https://a.com/x.git",
        "https:// http://. https://… <https://>",
        "https://[::1 http://a.com:99999/ http://a.com:0/",
        "<https://a.com/a b>",
    ],
)
def test_what_is_no_link_to_a_page_is_ignored(text: str) -> None:
    assert urls(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "`curl https://a.com/x`",
        "`<https://a.com/x>`",
        "```\nurl: https://a.com/x\n<https://b.com>\n```",
        "&gt; <https://a.com/x>",
        "  > https://a.com/x",
        "&gt;&gt;&gt; quoted\nto the end <https://a.com/x>",
    ],
)
def test_code_and_quotes_share_nothing(text: str) -> None:
    assert urls(text) == []
    assert urls(f"https://first.com\n{text}")[:1] == ["https://first.com"]


def test_a_lone_backtick_hides_nothing() -> None:
    assert urls("it's ` odd <https://a.com>") == ["https://a.com"]


def test_what_follows_a_quoted_line_is_read() -> None:
    assert urls("&gt; <https://a.com>\nbetter: <https://b.com>") == ["https://b.com"]


@pytest.mark.parametrize(
    "again",
    [
        "https://a.com/x/",
        "https://A.com/x",
        "HTTPS://a.com/x",
        "https://a.com:443/x",
        "https://a.com/x#part",
        "https://a.com/x?utm_source=slack&amp;utm_medium=chat",
        "https://a.com/x?fbclid=1&amp;gclid=2#top",
        "https://a.com/x?",
    ],
)
def test_the_same_page_is_one_link_written_as_at_first(again: str) -> None:
    assert urls(f"https://a.com/x then {again}") == ["https://a.com/x"]
    assert len(urls(f"{again} then https://a.com/x")) == 1


@pytest.mark.parametrize(
    "other", ["https://a.com/X", "https://a.com/x?id=2", "http://a.com/x", "https://b.a.com/x", "https://a.com:8443/x"]
)
def test_another_page_is_another_link(other: str) -> None:
    assert urls(f"https://a.com/x {other}") == ["https://a.com/x", other]


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.slack.com/archives/C1/p123",
        "https://acme.enterprise.slack.com/x",
        "https://app.slack.com/client/T1/C1",
        "https://files.slack.com/files-pri/T1-F1/a.png",
        "https://slack-files.com/T1-F1",
        "https://slack.com/archives/C1",
    ],
)
def test_links_into_slack_are_skipped(url: str) -> None:
    assert urls(f"<{url}> <https://a.com>") == ["https://a.com"]


@pytest.mark.parametrize(
    "url", ["https://slack.com/blog/news", "https://api.slack.com/docs", "https://slack.com.evil.example/archives/1"]
)
def test_pages_about_slack_are_read(url: str) -> None:
    assert urls(url) == [url]


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_the_limit_counts_different_links(limit: int, expected: int) -> None:
    text = "<https://a.com> <https://a.com/> <https://b.com> <https://c.com>"
    assert len(find_links(text, limit)) == expected


@given(st.text() | FRAGMENTS)
def test_any_text_gives_clean_different_links(text: str) -> None:
    found = urls(text, 100)
    assert len(set(found)) == len(found)
    for url in found:
        assert url.lower().startswith(("https://", "http://"))
        assert url.isprintable()
        assert " " not in url


@given(FRAGMENTS)
def test_what_was_found_is_found_again(text: str) -> None:
    for url in urls(text):
        escaped = url.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert urls(f"<{escaped}>") == [url]


@pytest.mark.parametrize(
    "unit",
    [
        *("<", "`", "\n", " ", ")", "`a", "``` ", ">\n", "&gt;", "&amp;", "<!"),
        *("<https://", "https://a.com/", "https://a ", "a.com/)", "((https://"),
    ],
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    started = time.process_time()
    find_links(f"https://a.com/{unit * 100_000}", 100_000)
    find_links(unit * 100_000, 100_000)
    assert time.process_time() - started < 5
