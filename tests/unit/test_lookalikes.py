from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.lookalikes import folded, is_hidden, plain_forms, unescaped, without_leet


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("\u0430ll \u0440rev\u0456ous", "all previous"),
        ("\u0391\u03bf\u03c5", "Aou"),
        ("\uff49\uff47\uff4e\uff4f\uff52\uff45", "ignore"),
        ("\U0001d422\U0001d420nore", "ignore"),
        ("ig\u200bno\u00adre\u2060", "ignore"),
        ("a\U000e0049\U000e0067b", "ab"),
        ("a\u3164b\u115fc", "abc"),
        ("\u201cso\u201d, it\u2019s", '"so", it\'s'),
        ("a\u00a0 b\n c", "a b c"),
        ("&lt;!here&gt;", "<!here>"),
        ("&amp;lt;!here&amp;gt;", "<!here>"),
        ("&amp;amp;#64;here", "@here"),
    ],
)
def test_what_disguises_words_is_undone(disguised: str, plain: str) -> None:
    assert folded(disguised) == plain


@pytest.mark.parametrize(
    "text", ["na\u00efve caf\u00e9", "\u4e2d\u6587", "O(n\u00b2)".replace("\u00b2", "2"), "M\u00fcnchen & Z\u00fcrich"]
)
def test_letters_that_imitate_none_stay(text: str) -> None:
    assert folded(text) == text


def test_an_escape_of_four_escapes_is_left_alone_in_bounded_steps() -> None:
    assert unescaped("&amp;amp;amp;lt;") == "&lt;"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1gn0r3 pr3v10us", "ignore previous"),
        ("p@$$word", "password"),
        ("4 of 10 runs took 3 s", "4 of 10 runs took 3 s"),
        ("nothing", "nothing"),
    ],
)
def test_digits_that_stand_for_letters_become_letters(text: str, plain: str) -> None:
    assert without_leet(text) == plain


def test_emoji_and_scripts_need_their_joiners() -> None:
    assert not any(map(is_hidden, "\U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e \u2764\ufe0f"))
    assert all(map(is_hidden, "\u200b\u00ad\u202e\U000e0041\ufe00\U000e0100\u3164"))


@given(st.text())
def test_folding_never_fails_and_leaves_nothing_hidden(text: str) -> None:
    visible = folded(text)
    assert not any(map(is_hidden, visible))
    assert len(without_leet(visible)) == len(visible)
    assert not any(map(is_hidden, plain_forms(text)))
