"""The links of a Slack message that ask for a commentary.

Slack delivers a link as `<https://…|label>` or `<https://…>` and escapes `&`, `<`, `>` in everything else
(https://docs.slack.dev/messaging/formatting-message-text); text from elsewhere holds bare URLs. Both are read. Not read
are code (a configuration somebody pasted is not shared to be read), quoted lines (their link was shared, and answered,
where they come from), mentions, `mailto:` and the like, and links into Slack itself.

Every pattern matches in one pass: no part of it can match the same character in two ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from technoshare_commentator.domain import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE = re.compile(r"```.*?```|`[^`\n]++`", re.DOTALL)
_QUOTE = r"^[^\S\n]*+(?:&gt;|>)"
_QUOTE_TO_THE_END = re.compile(rf"{_QUOTE}(?:&gt;|>){{2}}[\s\S]*", re.MULTILINE)
_QUOTED_LINE = re.compile(rf"{_QUOTE}.*", re.MULTILINE)
_CANDIDATE = re.compile(
    r"<(?P<sent>https?://[^<>\n]*+)>"
    r"|<(?:[@#!]|mailto:|tel:)[^<>\n]*+>"
    r"|(?<![a-z0-9+.-])(?P<bare>https?://(?:(?!&[lg]t;)[^\s<>|])+)",
    re.IGNORECASE,
)

_BRACKETS = {")": "(", "]": "[", "}": "{"}
# What ends a sentence, a quotation or Slack's formatting around a URL; `_` and `*` may end a URL, and hardly ever do.
_AFTER_URL = frozenset(".,;:!?'\"*_~`([{…’”»›。，、！？：；）」』】》")  # noqa: RUF001 - meant as they are

_TRACKING_PREFIXES = ("utm_", "mc_", "_hs", "hsa_")
_TRACKING_NAMES = frozenset(
    {
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "twclid",
        "igsh",
        "igshid",
        "yclid",
        "mkt_tok",
        "vero_id",
    }
)
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Pages about Slack that anybody can read; every other host below slack.com is a workspace or a file store.
_PUBLIC_SLACK_HOSTS = frozenset({"slack.com", "www.slack.com", "api.slack.com", "status.slack.com"})
_WORKSPACE_PATHS = ("/archives/", "/files/", "/files-pri/", "/team/", "/client/", "/app_redirect", "/shortcuts/")


def find_links(text: str, limit: int) -> tuple[Link, ...]:
    """Return the first `limit` different http(s) links of `text`, as they were written, in their order.

    Two links are the same when they differ only in fragment, tracking parameters, trailing slash, default port or the
    case of scheme and host.
    """
    found: dict[str, Link] = {}
    for url in _urls(_without_code_and_quotes(text)):
        parts = _split(url)
        if parts is not None and not _is_slacks_own(parts):
            found.setdefault(_identity(parts), Link(url=url))
        if len(found) >= limit:
            break
    return tuple(found.values())[: max(limit, 0)]


def _without_code_and_quotes(text: str) -> str:
    for pattern in (_CODE, _QUOTE_TO_THE_END, _QUOTED_LINE):
        text = pattern.sub(" ", text)
    return text


def _urls(text: str) -> Iterator[str]:
    for match in _CANDIDATE.finditer(text):
        if match["bare"] is not None:
            yield _trimmed(_unescaped(match["bare"]))
        elif match["sent"] is not None:
            yield _unescaped(match["sent"].partition("|")[0]).strip()


def _unescaped(text: str) -> str:
    """Undo Slack's three escapes and no other: `&copy=1` is a parameter, not a sign."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _trimmed(url: str) -> str:
    """Cut off what follows a URL in a sentence: punctuation, and brackets that close nothing inside it."""
    unopened = {close: url.count(close) - url.count(opening) for close, opening in _BRACKETS.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif last not in _AFTER_URL and last.isprintable():
            break
        end -= 1
    return url[:end]


def _split(url: str) -> SplitResult | None:
    """Take an http(s) URL with a host apart; None for everything else."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if valid and url.isprintable() and " " not in url else None


def _identity(parts: SplitResult) -> str:
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair.partition("=")[0]))
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path.rstrip('/')}?{query}"


def _is_tracking(name: str) -> bool:
    return name.lower().startswith(_TRACKING_PREFIXES) or name.lower() in _TRACKING_NAMES


def _is_slacks_own(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host in _PUBLIC_SLACK_HOSTS:
        return parts.path.startswith(_WORKSPACE_PATHS)
    return host.endswith(".slack.com") or host == "slack-files.com"
