"""Secrets never reach a record: known values and everything that looks like a credential are blotted out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"
_SHORTEST_SECRET = 6
_NESTING = 3  # JSON inside JSON inside JSON: a tool call's arguments, in a span's attribute, in a record
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*"(\s*:)?')
_PASSWORD_IN_URL = re.compile(r"(://[^\s/:@]*):[^\s/@]*(?=@)")


def _word(prefix: str, rest: str) -> str:
    """Match a token that does not begin inside a word, though perhaps after a line break escaped in nested JSON."""
    begins = rf"(?:(?<![A-Za-z0-9]{prefix})|(?<=\\[bfnrt]{prefix})|(?<=\\u[0-9A-Fa-f]{{4}}{prefix}))"
    return f"{prefix}{begins}{rest}"  # the literal first: that is what the regex engine can look for quickly


# The published shapes of the tokens that this kind of application meets: Slack (tokens, webhooks), OpenAI and
# look-alikes, GitHub, AWS, JSON web tokens, bearer headers, passwords inside URLs. Characters are limited to those that
# JSON never escapes, so that JSON nested in a string stays valid too. What `keep` matches is not blotted out.
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"xox[a-z]-[A-Za-z0-9-]{10,}",
        r"xapp-[A-Za-z0-9-]{10,}",
        r"(?P<keep>hooks\.slack\.com/)(?:services|workflows|triggers)/[A-Za-z0-9/]{16,}",
        _word("sk-", r"[A-Za-z0-9_-]{16,}"),
        *(_word(f"gh{kind}_", r"[A-Za-z0-9]{20,}") for kind in "pousr"),
        _word("github_pat_", r"[A-Za-z0-9_]{20,}"),
        _word("AKIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
        _word("ASIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
        _word("eyJ", r"[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"),
        r"(?P<keep>earer )[A-Za-z0-9._~+/=-]{16,}",
        r"(?P<keep>://)[^\s/:@\"\\]{0,64}:(?:[^\s/@\"\\]|\\u[0-9A-Fa-f]{4}){1,128}(?=@)",
    )
)


class Redactor:
    """Blots out secrets in text and in serialised JSON."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take the values to hide besides those that look like credentials; very short ones are left alone."""
        known = {form for secret in secrets if len(secret) >= _SHORTEST_SECRET for form in _forms(secret)}
        longest_first = sorted(known, key=lambda form: (-len(form), form))
        self._patterns = (*(re.compile(re.escape(form)) for form in longest_first), *_SHAPES)

    def __call__(self, content: bytes) -> bytes:
        """Return JSON with every secret in its values replaced by `[redacted]`; it stays JSON of the same shape."""
        text = content.decode()
        if not any(pattern.search(text) for pattern in self._patterns):
            return content
        return _STRING.sub(self._redact_value, text).encode()

    def text(self, text: str) -> str:
        """Return plain text with every secret replaced."""
        for pattern in self._patterns:
            text = pattern.sub(_blot, text)
        return text

    def _redact_value(self, found: re.Match[str]) -> str:
        if found.group(1):
            return found.group()  # a key: the program's own word
        value = json.loads(found.group())
        clean = self.text(value)
        return found.group() if clean == value else json.dumps(clean)


def without_password(uri: str) -> str:
    """Return the URI of a store as it may be shown and written down."""
    return _PASSWORD_IN_URL.sub(r"\1", uri)


def _blot(found: re.Match[str]) -> str:
    return found.groupdict().get("keep", "") + REDACTED


def _forms(secret: str) -> set[str]:
    """The ways a secret may be written: as it is, in a URL, in JSON, in JSON inside JSON."""
    forms = {secret, quote(secret, safe="", errors="replace")}
    for ensure_ascii in (True, False):
        escaped = secret
        for _ in range(_NESTING):
            escaped = json.dumps(escaped, ensure_ascii=ensure_ascii)[1:-1]
            forms.add(escaped)
    return forms
