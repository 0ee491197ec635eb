"""reStructuredText, the other language of READMEs: rendered by docutils with everything dangerous switched off."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from threading import Lock
from typing import Any

from technoshare_commentator.retrieval.extraction.clean_text import visible_text
from technoshare_commentator.retrieval.extraction.document import Document
from technoshare_commentator.retrieval.extraction.formats.html import read_fragment
from technoshare_commentator.retrieval.extraction.formats.plain import read_plain

# No file is included, no raw HTML passed through, no configuration file read, nothing printed; a mistake in the
# source is left out instead of being reported inside the text (`report_level` above "severe").
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "initial_header_level": 2,
    "doctitle_xform": True,
    "smart_quotes": False,
    "line_length_limit": 100_000,
    "input_encoding": "unicode",
    "embed_stylesheet": False,
}
# Roles and directives that only Sphinx knows; docutils would drop their text, a reader wants it.
_ROLE = re.compile(r":(?:[a-z]+:)?[a-z]+:`(?:[~!.])?([^`<]{1,200}?)(?:\s*<[^`>]{1,200}>)?`")
_KEPT_ROLES = ("math", "code", "sub", "sup", "strong", "emphasis")
_making_settings = Lock()


def read_restructured(text: str) -> Document:
    """Read a reStructuredText file; one that docutils cannot parse is read as plain text."""
    from docutils.core import publish_parts  # noqa: PLC0415 - only reading such a README needs it

    source = _ROLE.sub(_plain_role, visible_text(text))
    try:
        with _making_settings:
            settings = deepcopy(_settings())
        parts = publish_parts(source, writer="html5", settings=settings)
    except Exception:  # noqa: BLE001 - docutils raises many kinds on hostile input, and the text is still readable
        return read_plain(text)
    title = next((block.text for block in read_fragment(parts["title"])), "")
    return Document(title=title, blocks=read_fragment(parts["body"]))


@lru_cache(maxsize=1)
def _settings() -> Any:
    """Make docutils' settings once: its own machinery for them changes the process's filters of warnings each time.

    Where warnings are errors, another thread that parses at that moment would fail on a warning meant for nobody.
    """
    from docutils.frontend import get_default_settings  # noqa: PLC0415 - only reading such a README needs it
    from docutils.parsers.rst import Parser  # noqa: PLC0415
    from docutils.readers.standalone import Reader  # noqa: PLC0415
    from docutils.writers.html5_polyglot import Writer  # noqa: PLC0415

    settings = get_default_settings(Parser, Reader, Writer)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    return settings


def _plain_role(match: re.Match[str]) -> str:
    role = match.group().split(":")[1]
    return match.group() if role in _KEPT_ROLES else match.group(1)
