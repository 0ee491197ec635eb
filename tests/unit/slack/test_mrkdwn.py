"""Markdown of strangers as mrkdwn."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from block_kit import formatted, links, markup_errors
from technoshare_commentator.slack.mrkdwn import as_literal, page_link, to_mrkdwn

HAIR_SPACE = "\u200a"
WORD_JOINER = "\u2060"
MARKUP_LIKE = st.lists(
    st.sampled_from([*"*_~`<>&|@!#[]() \n.:aBé", "**", "__", "```", "here", "channel", "<!channel>", "<@U1>"])
    | st.sampled_from(["https://", "b.com", "](", "&amp;"])
).map("".join)
ANY_TEXT = st.text() | MARKUP_LIKE


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**Security** — rotate keys.", "*Security* — rotate keys."),
        ("It is __really fast__ now.", "It is *really fast* now."),
        ("__Note__ this.", "*Note* this."),
        ("***Both*** at once.", "*Both* at once."),
        ("**a __B b__ c**", "*a B b c*"),
        ("un**bold**ed", "unbolded"),
        ("(**x**), **y**: z", "(*x*), *y*: z"),
        ("Call `f(**kw)` & wait.", "Call `f(**kw)` &amp; wait."),
        ("Use ``a < b`` there.", "Use `a &lt; b` there."),
        ("**Use `x` now**", "*Use `x` now*"),
        ("Emoji :smile: stay 👩‍👩‍👧.", "Emoji :smile: stay 👩‍👩‍👧."),
        ("Two\nlines  and\ttabs", "Two lines and tabs"),
        ("** not bold ** and 2 ** 3", "** not bold ** and 2 ** 3"),
        ("", ""),
    ],
)
def test_markdown_becomes_mrkdwn(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize(
    "text",
    [
        "Pass *args and **kwargs on.",
        "snake_case_names and file_name.py",
        "2 * 3 * 4 = 24",
        "about ~5 ms, at most ~ 10",
        "a_b and c_d_",
        "Star: * one",
    ],
)
def test_marks_that_do_nothing_are_left_alone(text: str) -> None:
    assert to_mrkdwn(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "*args and rest*",
        "_private_ and _x",
        "call __init__ and __main__",
        "~/bin and ~/lib~",
        "*_~all~_*",
        "say *this* twice",
        "`open *a* b",
    ],
)
def test_marks_that_would_format_are_kept_from_it_and_still_look_the_same(text: str) -> None:
    shown = to_mrkdwn(text)
    assert [formatted(shown, name) for name in ("bold", "italic", "strike")] == [[], [], []]
    assert shown.replace(HAIR_SPACE, "").replace("\u02cb", "`") == text


def test_a_stray_star_before_a_theme_does_not_swallow_it() -> None:
    assert formatted(to_mrkdwn("see *foo in **Security** — act"), "bold") == ["Security"]


@pytest.mark.parametrize("escape", ["&", "<", ">"])
def test_escapes_are_made_once(escape: str) -> None:
    once = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    assert (
        to_mrkdwn(f"a {escape} `b {escape}` **c {escape}**")
        == f"a {once[escape]} `b {once[escape]}` *c {once[escape]}*"
    )


def test_an_entity_written_on_the_page_is_shown_as_it_is_written() -> None:
    assert to_mrkdwn("&lt;!channel&gt; &amp;amp;") == "&amp;lt;!channel&amp;gt; &amp;amp;amp;"


@pytest.mark.parametrize(
    "attack",
    [
        *("<!channel>", "<!here|here>", "<!everyone>", "<!date^1^{date} at|x>", "<!subteam^S0123|@team>"),
        *("<@U012AB3CD>", "<#C0123|general>", "``<!channel>``", "[x](<!channel>)", "[a](https://b.com|<!here>)"),
        *("@here", "@channel!", "@Everyone", "(@here)", "x@here", "`@here`", "[@here](https://a.com)"),
        *("**@channel**", "@**here**", "__@here now__"),
        *("@\u200bhere", "@\u202ehere", "@\u00adchannel", "<\u200b!channel>"),
    ],
)
def test_no_mention_gets_out(attack: str) -> None:
    assert markup_errors(to_mrkdwn(f"Please {attack} look.")) == []
    assert markup_errors(as_literal(f"Please {attack} look.")) == []


def test_a_mention_of_a_person_or_group_is_parted_but_an_address_is_not() -> None:
    assert to_mrkdwn("@backend-team or me@corp.com") == f"@{WORD_JOINER}backend-team or me@corp.com"


def test_a_decorator_in_code_can_still_be_copied() -> None:
    assert to_mrkdwn("Add `@pytest.fixture` there.") == "Add `@pytest.fixture` there."


def test_direction_overrides_and_control_characters_are_removed() -> None:
    assert to_mrkdwn("a\u202eb\u2066c\x1b[31md\x00e\x07f\u200bg\ud800h") == "abc[31mdefgh"


def test_backticks_of_several_items_cannot_join_to_a_code_block() -> None:
    assert "`" not in to_mrkdwn("``` starts here")
    assert "`" not in to_mrkdwn("and ends ``` here ` too")


@pytest.mark.parametrize(
    ("markdown", "link"),
    [
        ("[the docs](https://docs.acme.dev/a?b=1&c=2)", ("https://docs.acme.dev/a?b=1&amp;c=2", "the docs")),
        ("[acme.dev](https://www.acme.dev/)", ("https://www.acme.dev/", "acme.dev")),
        ("[Tarn](https://acme.dev/Tarn_(database))", ("https://acme.dev/Tarn_(database)", "Tarn")),
        ("[a|b](https://acme.dev/x|y)", ("https://acme.dev/x%7Cy", "a¦b")),
        ("[*args*](https://acme.dev)", ("https://acme.dev", f"*{HAIR_SPACE}args*")),
    ],
)
def test_a_harmless_link_stays_a_link(markdown: str, link: tuple[str, str]) -> None:
    assert links(to_mrkdwn(markdown)) == [link]


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "slack://open", "mailto:a@b.com", "/relative", "https://", "https://a.com/`"),
        *(
            "https://localhost/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::",
        ),
        *("http://printer.local/", "https://bank.com@evil.com/", "https://evil.com./"),
        *("https://xn--pple-43d.com/", "https://\u0430pple.com/", "https://a.com/" + "x" * 2000),
        *("https://acme.slack.com/archives/C1", "https://slack.com/signout"),
    ],
)
def test_a_link_that_may_do_harm_is_its_label_only(url: str) -> None:
    assert to_mrkdwn(f"See [the docs]({url}) now") == "See the docs now"


def test_a_label_that_names_another_host_is_no_link() -> None:
    assert to_mrkdwn("[login.bank.com](https://evil.com/)") == "login.bank.com"


@pytest.mark.parametrize("url", ["https://wiki.corp.internal/page", "http://10.0.0.8:8080/x", "https://a.com/?q=a&b"])
def test_the_page_that_was_shared_is_linked_wherever_it_is(url: str) -> None:
    assert links(page_link(url, "A <b> *title* | site")) == [
        (url.replace("&", "&amp;"), f"A &lt;b&gt; *{HAIR_SPACE}title* ¦ site")
    ]


@pytest.mark.parametrize(
    "url",
    ["", "page.html", "file:///etc/passwd", "https://a.com/a b", "https://a.com/>x", "https://a.com/" + "&" * 1000],
)
def test_a_page_without_a_usable_address_is_its_title_only(url: str) -> None:
    assert page_link(url, "Title") == "Title"


@given(ANY_TEXT)
def test_whatever_a_page_says_nothing_of_it_acts(text: str) -> None:
    shown = to_mrkdwn(text)
    assert markup_errors(shown) == []
    assert "\n" not in shown
    assert formatted(shown, "italic") == formatted(shown, "strike") == []
    if "**" not in text and "__" not in text:
        assert formatted(shown, "bold") == []


@given(ANY_TEXT)
def test_literal_text_never_formats_anything(text: str) -> None:
    shown = as_literal(text)
    assert markup_errors(shown) == []
    assert [formatted(shown, name) for name in ("bold", "italic", "strike")] == [[], [], []]
    assert links(shown) == []


@given(ANY_TEXT)
def test_literal_text_keeps_every_visible_character(text: str) -> None:
    shown = as_literal(text)
    for escaped, plain in (
        ("\u2060", ""),
        (HAIR_SPACE, ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("\u02cb", "`"),
    ):
        shown = shown.replace(escaped, plain)
    unseen = {"Cc", "Cf", "Cs"}
    visible = "".join(c for c in text if unicodedata.category(c) not in unseen or c in "\u200c\u200d")
    assert "".join(shown.split()) == "".join(visible.replace(HAIR_SPACE, "").replace("\u02cb", "`").split())


@pytest.mark.parametrize(
    "unit", ["*a ", "**a ", "__a ", "`a ", "``a ", "[a", "[a](", "[a](https://", "_", "~a ", "@a", "<", "**a", "a."]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    started = time.process_time()
    to_mrkdwn(unit * 100_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("unit", ["a.", "a-", ".a", "a1.", "aa"])
def test_a_long_label_is_searched_for_hosts_once(unit: str) -> None:
    started = time.process_time()
    to_mrkdwn(f"[{unit * 50_000}1](https://b.example)")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("label", ["..evil.com", "-x- evil.com", "1. evil.com", "a..evil.com", "see:evil.com."])
def test_a_host_is_seen_wherever_it_begins_in_a_label(label: str) -> None:
    assert to_mrkdwn(f"[{label}](https://good.com/)") == as_literal(label)
