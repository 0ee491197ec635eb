"""What a request asks for, whoever it is sent to: its identity, and in what two of them differ.

Host, headers and credentials are no part of it, so that what was recorded at one endpoint replays at another.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator

_UP_TO_THE_VERSION = re.compile(r"^.*?/v[0-9][A-Za-z0-9]*/")  # https://host/api/v1/: where a base URL usually ends
_CREDENTIAL = re.compile(r"auth|key|token|secret|password|cookie|signature", re.IGNORECASE)
_MOST_DIFFERENCES = 3
_EXCERPT = 40
_NOTHING = object()
_BINARY = {"base64"}


@dataclass(frozen=True)
class AskedRequest:
    """A request as a recording knows it: its path begins after the API's version, its body is JSON where it can be."""

    method: str
    path: str
    body: Any = None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of its canonical form: two requests are the same when JSON says so, in whatever order of keys."""
        canonical = json.dumps([self.method, self.path, self.body], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def asked(method: str, path: str, query: str, content: bytes) -> AskedRequest:
    """Take a request apart."""
    kept = sorted((name, value) for name, value in parse_qsl(query) if not is_credential(name))
    rest = _UP_TO_THE_VERSION.sub("", path, count=1).lstrip("/")
    return AskedRequest(method.upper(), f"{rest}?{urlencode(kept)}" if kept else rest, as_body(content))


def is_credential(name: str) -> bool:
    """Whether a header or a parameter of that name proves who somebody is."""
    return _CREDENTIAL.search(name) is not None


def as_body(content: bytes) -> Any:
    """Return content as a recording keeps it: an object or list of JSON, text, `{"base64": …}`, or None for nothing."""
    if not content:
        return None
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, list) or (isinstance(parsed, dict) and parsed.keys() != _BINARY):
        return parsed
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def as_content(body: Any) -> bytes:
    """Return what `as_body` took, as bytes of the same meaning."""
    if body is None:
        return b""
    if isinstance(body, dict) and body.keys() == _BINARY:
        return base64.b64decode(body["base64"])
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def differences(before: AskedRequest, after: AskedRequest) -> list[str]:
    """Say where a request differs from an earlier one, in words for people: a few places at most."""
    found = _differing("", _parts(before), _parts(after))
    return list(islice(found, _MOST_DIFFERENCES))


def likeness(before: AskedRequest, after: AskedRequest) -> int:
    """How many places differ, for finding the nearest of several."""
    return sum(1 for _ in _differing("", _parts(before), _parts(after)))


def _parts(request: AskedRequest) -> dict[str, Any]:
    body = request.body if isinstance(request.body, dict) else {"body": request.body}
    return {"method": request.method, "path": request.path, **body}


def _differing(where: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{where}.{name}" if where else str(name)
            yield from _differing(inner, before.get(name, _NOTHING), after.get(name, _NOTHING))
    elif isinstance(before, list) and isinstance(after, list):
        for number, (old, new) in enumerate(zip_longest(before, after, fillvalue=_NOTHING)):
            yield from _differing(f"{where}[{number}]", old, new)
    elif before is _NOTHING or after is _NOTHING:
        yield f"{where} ({'new' if before is _NOTHING else 'gone'})"
    elif before != after or type(before) is not type(after):
        yield f"{where} ({_contrast(before, after)})"


def _contrast(before: Any, after: Any) -> str:
    if not (isinstance(before, str) and isinstance(after, str)):
        return f"{_cut(repr(before))} is now {_cut(repr(after))}"
    same = next((at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    start = max(0, (min(len(before), len(after)) if same is None else same) - _EXCERPT // 4)
    lead = "…" if start else ""
    return f"{_excerpt(before, start, lead)} is now {_excerpt(after, start, lead)}"


def _excerpt(text: str, start: int, lead: str) -> str:
    return repr(lead + text[start : start + _EXCERPT] + ("…" if len(text) > start + _EXCERPT else ""))


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
