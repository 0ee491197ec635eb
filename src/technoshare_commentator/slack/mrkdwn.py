"""Markdown of strangers as Slack's mrkdwn: bold stays bold, code stays code, and nothing else has any effect.

Slack reads three escapes (`&amp;`, `&lt;`, `&gt;`) and knows no others, so a `*`, `_`, `~` or `@` that must not act is
kept apart from what follows it. Rules of the syntax: https://docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A marker opens only when no white space follows it. The hair space is the thinnest there is, and unlike zero-width
# characters it is white space to every client.
_HAIR_SPACE = "\u200a"
# A mention has to follow its `@` directly. Zero width, and no line breaks there.
_WORD_JOINER = "\u2060"
# Looks like a backtick and starts no code.
_GRAVE_ACCENT = "\u02cb"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONGEST_TARGET = 2000  # characters, so that link and label fit one text object

_INLINE = re.compile(
    r"(?<!`)(?P<ticks>``?)(?P<code>[^`]++)(?P=ticks)(?!`)"
    r"|\[(?P<label>[^\[\]]++)\]\((?P<url>(?!\))[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*)\)"
    r"|(?<!\*)(?P<stars>\*{2,3})(?P<bold>[^*\s](?:[^*]*[^*\s])?)(?P=stars)(?!\*)"
    r"|(?<!\w)__(?=\S)(?!__)(?P<under>[^_]*+(?:_(?!_)[^_]*+)*)(?<=\S)__(?!\w)"
)
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")  # `__init__` is a name, `__Note__` is emphasis
_MARKERS = re.compile(r"(?P<marker>[*_~])(?P=marker)*")
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_MENTION = re.compile(rf"{_BROADCAST.pattern}|(?<![A-Za-z0-9])@(?=\w)", re.IGNORECASE)
# Only from where a name begins: tried at each of its labels, a long one would take its length squared.
_HOST_IN_TEXT = re.compile(r"(?<![a-z0-9-])(?<![a-z0-9-]\.)(?:[a-z0-9-]++\.)+[a-z]{2,}", re.IGNORECASE)
_INTERNAL = frozenset({"arpa", "corp", "home", "internal", "intranet", "lan", "local", "localhost"})


class _Kind(Enum):
    LITERAL = "literal"  # text that must look as it is
    MARKUP = "markup"  # finished mrkdwn
    BOLD = "bold"  # a `*` of ours


class _Token(NamedTuple):
    kind: _Kind
    text: str


_BOLD = _Token(_Kind.BOLD, "*")


def to_mrkdwn(text: str) -> str:
    """Turn one item of a commentary into one line of mrkdwn.

    `**x**` and `__x__` become bold, code spans stay, a Markdown link stays one when its target is harmless (see
    `_is_harmless`) and is its bare label otherwise. Everything else is shown as it is and acts as nothing.
    """
    return "".join(_settled(list(_merged(_tokens(visible_line(text), bold=True)))))


def as_literal(text: str) -> str:
    """Return `text` on one line so that Slack shows it as it is, Markdown included."""
    return _literal(visible_line(text), closers={"*", "_", "~"})


def page_link(url: str, label: str) -> str:
    """Link `label` to an http(s) page that the team itself shared; only the label where mrkdwn cannot carry the URL."""
    return _link(url, label) if _is_linkable(url) else as_literal(label)


def _tokens(text: str, *, bold: bool) -> Iterator[_Token]:
    position = 0
    for match in _INLINE.finditer(text):
        yield _Token(_Kind.LITERAL, text[position : match.start()])
        yield from _formatted(match, bold=bold)
        position = match.end()
    yield _Token(_Kind.LITERAL, text[position:])


def _formatted(match: re.Match[str], *, bold: bool) -> Iterator[_Token]:
    strong = match["bold"] or match["under"]
    if match["code"] is not None:
        yield _code(match)
    elif match["url"] is not None:
        harmless = _is_harmless(match["url"], match["label"])
        yield (
            _Token(_Kind.MARKUP, _link(match["url"], match["label"]))
            if harmless
            else _Token(_Kind.LITERAL, match["label"])
        )
    elif match["under"] and _IDENTIFIER.fullmatch(strong):
        yield _Token(_Kind.LITERAL, match[0])
    elif bold and not _touches_a_word(match):
        yield from (_BOLD, *_tokens(strong, bold=False), _BOLD)
    else:  # bold in bold, or in the middle of a word: Slack would show the markers
        yield from _tokens(strong, bold=False)


def _code(match: re.Match[str]) -> _Token:
    if not match["code"].strip():
        return _Token(_Kind.LITERAL, match[0])
    code = _BROADCAST.sub(f"@{_WORD_JOINER}", match["code"]).translate(_ESCAPES)
    return _Token(_Kind.MARKUP, f"`{code}`")


def _touches_a_word(match: re.Match[str]) -> bool:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return before.isalnum() or after.isalnum()


def _merged(tokens: Iterable[_Token]) -> Iterator[_Token]:
    """Join neighbouring literals, so that `@` and what follows it are looked at together."""
    literal = ""
    for token in tokens:
        if token.kind is _Kind.LITERAL:
            literal += token.text
            continue
        yield _Token(_Kind.LITERAL, literal)
        yield token
        literal = ""
    yield _Token(_Kind.LITERAL, literal)


def _settled(tokens: list[_Token]) -> list[str]:
    """Give each token its final text; from the right, because a marker matters only when a later one closes it."""
    closers: set[str] = set()
    settled: list[str] = []
    for token in reversed(tokens):
        if token.kind is _Kind.LITERAL:
            settled.append(_literal(token.text, closers))
        else:
            settled.append(token.text)
        if token.kind is _Kind.BOLD:
            closers.add("*")
    return settled[::-1]


def _literal(text: str, closers: set[str]) -> str:
    """Escape `text` and part every marker that would open from what follows.

    `closers` holds the markers that can close further right; those of `text` are added to it.
    """
    pieces: list[str] = []
    end = len(text)
    for match in reversed(list(_MARKERS.finditer(text))):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        several = len(match[0]) > 1  # then one of them stands beside another and not beside a word
        opens = (several or not _is_word(before)) and not after.isspace()
        pieces.append(text[match.end() : end])
        pieces.append(_HAIR_SPACE if opens and match["marker"] in closers else "")
        end = match.end()
        if not before.isspace() and (several or not _is_word(after)):
            closers.add(match["marker"])
    pieces.append(text[:end])
    shown = "".join(reversed(pieces)).replace("`", _GRAVE_ACCENT)
    return _MENTION.sub(f"@{_WORD_JOINER}", shown).translate(_ESCAPES)


def _is_word(character: str) -> bool:
    """Whether a marker beside this character is in the middle of a word; `_` is not, since markers nest."""
    return character.isascii() and character.isalnum()


def _link(url: str, label: str) -> str:
    return f"<{_target(url)}|{as_literal(label).replace('|', '¦')}>"  # some clients cut a label at its pipe


def _target(url: str) -> str:
    return url.replace("|", "%7C").translate(_ESCAPES)


def _is_linkable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and not any(character in url for character in ' <>"`\\')
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and len(_target(url)) <= _LONGEST_TARGET


def _is_harmless(url: str, label: str) -> bool:
    """Whether a link that a page (or a model that read it) wrote may be clicked in the channel.

    The host must be a name of the public internet in ASCII: no IP address in any spelling, no internal name, no user
    name before an `@`, nothing of Slack's own (whose links act in the workspace). The label must name no other host.
    """
    if not _is_linkable(url) or not url.isascii():
        return False
    host = urlsplit(url).hostname or ""
    name, _, top = host.rpartition(".")
    public = bool(name) and top.isalpha() and top not in _INTERNAL and "xn--" not in host
    slacks = host == "slack.com" or host.endswith(".slack.com")
    named = {found.lower() for found in _HOST_IN_TEXT.findall(label)}
    return public and not slacks and "@" not in urlsplit(url).netloc and named <= {host, host.removeprefix("www.")}
