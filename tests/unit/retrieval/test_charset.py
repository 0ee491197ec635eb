from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.charset import decode, known_encoding

GERMAN = "Größe, Übung und Fußgänger: 5 € für jeden."
RUSSIAN = "Мы перенесли индекс в память, и поиск стал в девять раз быстрее, чем раньше. " * 5
JAPANESE = "検索エンジンはメモリ上の索引を使います。これは以前より九倍速いです。" * 5


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        (GERMAN.encode(), "utf-8", GERMAN),
        (GERMAN.encode(), "", GERMAN),
        (GERMAN.encode("cp1252"), "iso-8859-1", GERMAN),
        (GERMAN.encode("cp1252"), "windows-1252", GERMAN),
        (GERMAN.encode(), "iso-8859-1", GERMAN),
        (GERMAN.encode("utf-8-sig"), "iso-8859-1", GERMAN),
        (GERMAN.encode("utf-16"), "", GERMAN),
        (GERMAN.encode("utf-16"), "utf-8", GERMAN),
        (GERMAN.encode("utf-16-le"), "utf-16le", GERMAN),
        (JAPANESE.encode("shift_jis"), "Shift_JIS", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp", JAPANESE),
        (JAPANESE.encode("euc_jp"), "", JAPANESE),
        (RUSSIAN.encode("koi8-r"), "koi8-r", RUSSIAN),
        ("Да".encode("koi8-r"), "koi8-r", "Да"),
        ("検索".encode("shift_jis"), "shift_jis", "検索"),
        (RUSSIAN.encode("cp1251"), "", RUSSIAN),
        (RUSSIAN.encode("cp1251"), "klingon", RUSSIAN),
    ],
)
def test_bytes_become_the_text_they_were(body: bytes, declared: str, text: str) -> None:
    assert decode(body, declared) == text


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="{}">',
        "<meta charset={}>",
        '<meta http-equiv="Content-Type" content="text/html; charset={}">',
        '<?xml version="1.0" encoding="{}"?>',
    ],
)
def test_the_pages_own_word_counts_when_the_header_says_nothing(head: str) -> None:
    page = f"{head.format('windows-1251')}<p>{RUSSIAN}</p>"
    assert decode(page.encode("cp1251")) == page


def test_a_page_that_says_utf_16_in_ascii_is_not() -> None:
    page = f'<meta charset="utf-16"><p>{GERMAN}</p>'
    assert decode(page.encode()) == page


def test_bytes_that_break_their_declaration_are_still_read() -> None:
    assert "Fuß" in decode(("Fuß und Straße. " * 30).encode("cp1252"), "utf-8")


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "rot13", "zip", "utf-7", "unicode_escape", "", "\x00", "x" * 999]
)
def test_codecs_that_no_page_uses_are_not_known(label: str) -> None:
    assert known_encoding(label) == ""


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "utf-16", "shift_jis", "iso-2022-jp", "punycode", "zip", "gbk"]),
)
def test_arbitrary_bytes_never_fail(body: bytes, declared: str) -> None:
    assert isinstance(decode(body, declared), str)
