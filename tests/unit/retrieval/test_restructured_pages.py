from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.boilerplate import page_text
from technoshare_commentator.retrieval.extraction.formats.restructured import read_restructured

if TYPE_CHECKING:
    from pathlib import Path

README = """\
======
Rocket
======

.. image:: https://img.example/badge.svg
   :target: https://ci.example

.. |logo| image:: logo.png

|logo| **Rocket** moves `tables <https://tables.example>`_ between engines with
:func:`~rocket.move` and ``copy``.

Install
-------

.. code-block:: bash

    pip install rocket-mover-of-tables

.. note:: Rocket needs at least four gigabytes of memory.

::

    A literal block of several words in it

* Streams results without holding them in memory
* Fast

.. csv-table:: Rates
   :file: /etc/passwd

See :ref:`the guide <guide>` for everything else that it can do.
"""


def test_a_readme_gives_its_prose_in_order_and_nothing_else() -> None:
    document = read_restructured(README)
    kept, _ = page_text(document.blocks)
    assert document.title == "Rocket"
    assert [block.text for block in kept] == [
        "Rocket moves tables between engines with rocket.move and copy.",
        "Install",
        "Rocket needs at least four gigabytes of memory.",
        "Streams results without holding them in memory",
        "See the guide for everything else that it can do.",
    ]


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: {}",
        ".. raw:: html\n   :file: {}",
        ".. csv-table::\n   :file: {}",
        ".. literalinclude:: {}",
        ".. raw:: html\n   :url: file://{}",
        ".. figure:: {}\n   :scale: 50",
    ],
)
def test_no_file_is_read_and_nothing_is_printed(
    directive: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The secret lies in this file.")
    document = read_restructured(f"Before it there is text.\n\n{directive.format(secret)}\n\nAfter it there is text.\n")
    texts = [block.text for block in document.blocks]
    assert "Before it there is text." in texts
    assert "After it there is text." in texts
    assert not any("lies in this file" in text for text in texts)
    assert capfd.readouterr() == ("", "")


def test_raw_html_is_not_passed_through() -> None:
    document = read_restructured(".. raw:: html\n\n   <p>A paragraph of raw markup.</p>\n\nText.")
    assert [block.text for block in document.blocks] == ["Text."]


def test_broken_markup_is_read_without_messages_in_the_text() -> None:
    document = read_restructured("Title\n==\n\nSome *unclosed text and a `bad role`_ here.\n\n.. unknown:: x\n\nEnd.")
    joined = " ".join(block.text for block in document.blocks)
    assert "here." in joined
    assert "End." in joined
    assert "System Message" not in joined
    assert "ERROR" not in joined


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="=-*`_|:.\n abc<>\\[]#~", max_size=150))
def test_any_restructured_text_is_survived(text: str) -> None:
    assert all(block.text for block in read_restructured(text).blocks)
