"""Secrets never reach a record: known values and everything that looks like a credential are blotted out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

REDACTED = "[redacted]"
_SHORTEST_SECRET = 6

# The published shapes of the tokens that this kind of application meets: Slack, OpenAI and look-alikes, GitHub,
# AWS, bearer headers, passwords inside URLs. Characters are limited to those that JSON never escapes.
_PATTERNS = (
    r"xox[a-z]-[A-Za-z0-9-]{10,}",
    r"xapp-[A-Za-z0-9-]{10,}",
    r"\bsk-[A-Za-z0-9_-]{16,}",
    r"\bgh[pousr]_[A-Za-z0-9]{20,}",
    r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    r"\bAKIA[0-9A-Z]{16}\b",
    r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,}",
    r"(?<=://)[^\s/:@\"\\]{1,64}:[^\s/@\"\\]{1,128}(?=@)",
)


class Redactor:
    """Blots out secrets in serialised JSON."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take the values to hide besides those that look like credentials; very short ones are left alone."""
        known = {json.dumps(secret)[1:-1] for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        longest_first = sorted(known, key=len, reverse=True)
        self._pattern = re.compile("|".join([*(re.escape(secret) for secret in longest_first), *_PATTERNS]))

    def __call__(self, content: bytes) -> bytes:
        """Return `content` with every secret replaced by `[redacted]`."""
        return self._pattern.sub(REDACTED, content.decode()).encode()
