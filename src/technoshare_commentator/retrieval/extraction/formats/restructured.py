"""reStructuredText, the other language of READMEs: rendered by docutils with everything dangerous switched off."""

from __future__ import annotations

import re

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


def read_restructured(text: str) -> Document:
    """Read a reStructuredText file; one that docutils cannot parse is read as plain text."""
    from docutils.core import publish_parts  # noqa: PLC0415 - only reading such a README needs it

    source = _ROLE.sub(_plain_role, visible_text(text))
    try:
        parts = publish_parts(source, writer="html5", settings_overrides=_SETTINGS)
    except Exception:  # noqa: BLE001 - docutils raises many kinds on hostile input, and the text is still readable
        return read_plain(text)
    title = next((block.text for block in read_fragment(parts["title"])), "")
    return Document(title=title, blocks=read_fragment(parts["body"]))


def _plain_role(match: re.Match[str]) -> str:
    role = match.group().split(":")[1]
    return match.group() if role in _KEPT_ROLES else match.group(1)
