from __future__ import annotations

import pytest

from technoshare_commentator.llm.extractive.cleaning import code_spans, plain_text, plain_units, prose


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Tarn** is a *small* __search library__.", "Tarn is a small search library."),
        ("The `__init__` and `a*b*c` stay as they are.", "The `__init__` and `a*b*c` stay as they are."),
        ("Names like __init__ and snake_case_name survive.", "Names like __init__ and snake_case_name survive."),
        ("See [the manual](https://x.example/a_(b)) for it.", "See the manual for it."),
        ("A [reference][ref] and ![logo](logo.png) an image.", "A reference and an image."),
        ("This was shown before [12, 13–15] and noted[^1].", "This was shown before and noted."),
        (r"An escaped \*star\* and \_underscore\_.", "An escaped *star* and _underscore_."),
        ("Two  spaces\tand\u00a0others fold.", "Two spaces and others fold."),
        ("Use ``inline`` code of another markup.", "Use `inline` code of another markup."),
    ],
)
def test_markdown_is_taken_off_and_code_is_kept(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain


def test_a_snippet_is_cut_into_paragraphs_and_list_items() -> None:
    text = "A paragraph\non two lines.\n\n- first item\n- second item\n  goes on\n1. numbered\n> quoted"

    assert plain_units(text) == (
        "A paragraph on two lines.",
        "first item",
        "second item goes on",
        "numbered quoted",
    )


def test_headings_tables_and_fenced_code_are_left_out() -> None:
    text = "# Heading\nProse.\n| a | b |\n|---|---|\n```python\nprint('x')\n```\nMore prose.\n===="

    assert plain_units(text) == ("Prose.", "More prose.")


def test_rules_about_wording_see_plain_quotes_and_no_code() -> None:
    assert prose("It\u2019s \u201cdone\u201d \u2013 see `see here` now.") == 'It\'s "done" - see something now.'


def test_code_spans_come_without_their_backquotes() -> None:
    assert code_spans("Use `a` and ``b`` here.") == ("a", "b")


def test_a_text_made_of_open_brackets_is_cleaned_in_no_time() -> None:
    hostile = "[a](" * 3000 + "__ a" * 3000 + "![" * 3000

    assert plain_text(hostile)
