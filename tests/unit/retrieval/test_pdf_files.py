from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdf_files import locked_pdf, pdf_file
from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.document import Kind
from technoshare_commentator.retrieval.extraction.formats import pdf
from technoshare_commentator.retrieval.extraction.formats.pdf import read_pdf

WIDE = "This line is as wide as the column of the paper allows it to be, word after"


def texts(*pages: list[str]) -> list[str]:
    return [block.text for block in read_pdf(pdf_file(pages)).blocks]


def test_lines_are_joined_to_paragraphs_and_hyphens_at_their_ends_taken_out() -> None:
    found = texts(
        [WIDE, "word, until an opti-", "mization ends it.", WIDE, "word, and the end-to-", "end test is done."]
    )
    assert found == [f"{WIDE} word, until an optimization ends it.", f"{WIDE} word, and the end-toend test is done."]


def test_a_hyphen_that_the_text_writes_elsewhere_stays() -> None:
    found = texts(["The end-to-end test is new.", WIDE, "word, and the end-to-", "end test is done."])
    assert found[-1].endswith("the end-to-end test is done.")


def test_headings_bullets_and_paragraphs_are_told_apart() -> None:
    document = read_pdf(
        pdf_file(
            [["Abstract", "We do it.", "1 Introduction", "It is hard.", "- first item", "2.1 Our Method", "It runs."]]
        )
    )
    assert [(block.kind, block.text) for block in document.blocks] == [
        (Kind.HEADING, "Abstract"),
        (Kind.PROSE, "We do it."),
        (Kind.HEADING, "1 Introduction"),
        (Kind.PROSE, "It is hard."),
        (Kind.ITEM, "first item"),
        (Kind.HEADING, "2.1 Our Method"),
        (Kind.PROSE, "It runs."),
    ]


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        ["Journal of Tests, vol. 7", f"The text of page {word} stands here.", f"{n}"]
        for n, word in enumerate(["one", "two", "three"])
    ]
    expected = [f"The text of page {word} stands here." for word in ("one", "two", "three")]
    assert " ".join(texts(*pages)) == " ".join(expected)


def test_references_are_left_out_and_an_appendix_is_not() -> None:
    found = texts(
        ["1 Results", "It works.", "References", "[1] Somebody. A paper, 2020.", "Appendix A", "More is here."]
    )
    assert found == ["1 Results", "It works.", "Appendix A", "More is here."]


def test_title_and_author_come_from_the_file_unless_they_are_a_file_name() -> None:
    assert read_pdf(pdf_file([["First line of text"]], "A real title")).title == "A real title"
    assert read_pdf(pdf_file([["First line of text"]], "paper_final.docx")).title == "First line of text"


def test_a_long_file_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PAGE_LIMIT", 2)
    document = read_pdf(pdf_file([[f"Page {n} has text."] for n in range(5)]))
    assert [block.text for block in document.blocks] == ["Page 0 has text. Page 1 has text."]
    assert document.gaps == ("the PDF has 5 pages; the first 2 were read",)


def test_a_slow_file_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS_LIMIT", 0.0)
    assert read_pdf(pdf_file([["One page."], ["Two pages."]])).gaps == (
        "the PDF took too long; 1 of 2 pages were read",
    )


def test_a_broken_page_does_not_cost_the_others() -> None:
    class Page:
        def __init__(self, text: str) -> None:
            self._text = text

        def extract_text(self) -> str:
            if not self._text:
                raise KeyError("/Contents")
            return self._text

    class Reader:
        pages = (Page("The first page."), Page(""), Page("The third page."))

    assert pdf._page_texts(Reader(), 3) == (["The first page.", "The third page."], 1)  # type: ignore[arg-type]  # a stand-in


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"%PDF-1.4\n", "cannot be parsed"),
        (b"", "cannot be parsed"),
        (pdf_file([["Text."]])[:200], "cannot be parsed"),
        (pdf_file([[""], [""]]), "2 pages hold no text, they are probably scans"),
        (pdf_file([]), "0 pages hold no text"),
        (locked_pdf(), "locked with a password"),
    ],
    ids=["head only", "empty", "cut off", "scans", "no pages", "locked"],
)
def test_a_file_that_cannot_be_read_says_why(body: bytes, message: str) -> None:
    with pytest.raises(FetchFailedError, match=message):
        read_pdf(body)


def test_a_file_that_is_encrypted_with_an_empty_password_is_read() -> None:
    assert read_pdf(locked_pdf("")).blocks[0].text == "Nobody can read this line."


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 900), st.binary(min_size=1, max_size=20))
def test_a_damaged_file_is_read_or_refused(position: int, noise: bytes) -> None:
    body = bytearray(pdf_file([["Some text of a page."], ["Another page."]]))
    body[position : position + len(noise)] = noise
    try:
        message = f"the PDF's first block is {read_pdf(bytes(body)).blocks[:1]}"
    except FetchFailedError as error:
        message = str(error)
    assert message.startswith("the PDF")
