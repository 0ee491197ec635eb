from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.boilerplate import page_text
from technoshare_commentator.retrieval.extraction.document import Kind
from technoshare_commentator.retrieval.extraction.formats.markdown import read_markdown

README = """---
title: "Rocket"
tags: [a, b]
---
<p align="center"><img src="logo.png" alt="Logo of Rocket"></p>
<!-- a comment that nobody sees -->

[![Build](https://img.example/b.svg)](https://ci.example) [![Docs](https://img.example/d.svg)](https://docs.example)

# :rocket: Rocket 🚀

**Rocket** moves [tables](https://tables.example) between `engines`, quickly.
It keeps their types.

[Docs](https://a.example) • [Blog](https://b.example) • [Chat](https://c.example)

## Install

```bash
pip install rocket-mover-of-tables
```

    an indented code block with several words

> [!NOTE]
> Rocket needs at least four gigabytes of memory.

| Engine | Rows per second |
| ------ | --------------- |
| Alpha  | 1,900,000       |

* Streams results without holding them in memory
* Fast
* [A link to another place entirely](https://x.example)

1. First, the schema is copied to the other side.
   It takes a second.

![A picture of the architecture](arch.png)

<details><summary>More</summary>

Folded text is text as well, and it is read.

</details>

[ref]: https://reference.example "A title"
"""


def test_a_readme_gives_its_prose_in_order_and_nothing_else() -> None:
    kept, _ = page_text(read_markdown(README).blocks)
    assert [(block.kind, block.text) for block in kept] == [
        (Kind.HEADING, "Rocket"),
        (Kind.PROSE, "Rocket moves tables between engines, quickly. It keeps their types."),
        (Kind.HEADING, "Install"),
        (Kind.PROSE, "Rocket needs at least four gigabytes of memory."),
        (Kind.ITEM, "Streams results without holding them in memory"),
        (Kind.ITEM, "First, the schema is copied to the other side. It takes a second."),
        (Kind.PROSE, "Folded text is text as well, and it is read."),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: 'Front'\n---\n# Heading\n", "Front"),
        ('+++\ntitle = "Front"\n+++\n# Heading\n', "Front"),
        ("---\ndate: 2026\n---\n# Heading\n", "Heading"),
        ("Intro\n\n# Heading\n", "Heading"),
        ("Heading\n=======\n", "Heading"),
        ("<h1 align=center>Heading</h1>\n", "Heading"),
        ("## Only a section\n", ""),
        ("---\n\nA rule above\n\n---\n", ""),
    ],
)
def test_the_title_is_the_front_matters_or_the_first_top_heading(text: str, title: str) -> None:
    assert read_markdown(text).title == title


def test_a_rule_is_not_taken_for_front_matter() -> None:
    blocks = read_markdown("---\n\nText between two rules.\n\n---\n\nMore text.").blocks
    assert [block.text for block in blocks] == ["Text between two rules.", "More text."]


@pytest.mark.parametrize("text", ["at 10:30:45 o'clock", "std::vector::iterator", "a :b c: d", "ratio 3:4:5"])
def test_colons_that_are_no_emoji_stay(text: str) -> None:
    assert [block.text for block in read_markdown(text).blocks] == [text]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="#*_`[]()<>!-|:\n abc.\\&$'\"~", max_size=150))
def test_any_markdown_is_survived(text: str) -> None:
    assert all(block.text for block in read_markdown(text).blocks)
