"""Addresses in a text: written out, bare, in Markdown, in Slack's syntax, disguised; and what only looks like one.

A dotted word is an address when it ends in a public suffix (the Mozilla list, as the package `tld` ships it). Many of
those end files (`README.md`), attributes (`asyncio.run`) and names (`ASP.NET`) as well: such a word is an address only
where something beside it says so. In backquotes only a whole URL is one.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.lookalikes import folded, plain_forms
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DISGUISED_DOT = re.compile(r"\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?|[\u3002\u2024]", re.IGNORECASE)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})+"
_ENDS = r"\s<>\"`|\u201c\u201d"
_MARKDOWN = re.compile(
    r"\[(?P<label>[^\[\]]{0,300})\]\(\s?<?(?P<target>[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200}){0,5})"
)
_REFERENCE = re.compile(r"^[ \t]*\[(?P<label>[^\[\]]{1,100})\]:[ \t]*<?(?P<target>[^\s<>]+)", re.MULTILINE)
_SLACK = re.compile(r"<(?P<target>[a-z][a-z0-9+.-]{0,30}:[^\s<>|]+)(?:\|(?P<label>[^<>\n]{0,300}))?>", re.IGNORECASE)
_WRITTEN_OUT = re.compile(rf"\b(?:h(?:tt|xx)ps?|ftps?|wss?|slack|ssh|file)\s?:[/\\]{{1,3}}[^{_ENDS}]+", re.IGNORECASE)
_ACTING = re.compile(
    rf"\b(?:(?:java|vb)script:[^{_ENDS}]+|data:(?:[a-z]+/[\w.+-]+)?[;,][^{_ENDS}]+|mailto:[^{_ENDS}]+|tel:\+?\d[\d-]+)",
    re.IGNORECASE,
)
_MAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@(?P<host>{_HOST})")
_BARE = re.compile(
    rf"(?<![\w.@/\\:$-])(?P<host>{_HOST})(?![\w(@=])(?P<port>:\d{{2,5}}\b)?(?P<rest>[/?][^{_ENDS}\[\]{{}}*]*)?"
)
_CODE = re.compile(r"`[^`\n]*`")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,30})\s?:", re.IGNORECASE)
_WEB_SCHEME = re.compile(r"(?:h(?:tt|xx)ps?|ftps?|wss?)\s?:[/\\]*", re.IGNORECASE)
_PARTS = re.compile(r"([^/?\\]*)(.*)", re.DOTALL)
_TRAILING = ".,;:!?'\"*_)]}\u2019\u201d\u2026"
_SENT_THERE = re.compile(
    r"\b(?:visit|browse to|log ?in (?:at|to)|sign (?:in|up) (?:at|on)|register at|redeem\w* \w* ?at|"
    r"download\w* \w* ?from)\s$",
    re.IGNORECASE,
)
# Suffixes that end hardly anything but hosts: no English words (`it`, `to`), no endings of files (`py`, `md`).
_ENDS_HOSTS = word_set("""
    com org net edu gov mil io ai co dev cloud tech xyz biz example onion
    eu de uk fr nl ru cn jp ch ca br au es se fi dk cz kr tw hk sg nz mx za tr ua ro hu ie pt tv gg ly me
""")
_RESERVED = frozenset({"example", "onion", "invalid", "internal"})  # nobody can register them; documents use them
_PACKAGES = word_set("java javax system com org net io dev")  # `java.io`, `org.apache.kafka.clients`
_LEAST_PACKAGE = 3


@dataclass(frozen=True)
class Address:
    """A link as written, its target in plain characters, and the text it is shown as (empty when it shows itself)."""

    written: str
    target: str
    label: str = ""

    @property
    def key(self) -> str:
        """What all spellings of one address share: no scheme, `www.`, fragment or closing slash; a lower-case host."""
        rest = _WEB_SCHEME.sub("", self.target, count=1).split("#")[0]
        host, path = _PARTS.fullmatch(rest).groups()  # type: ignore[union-attr]  # it matches anything
        return f"{host.lower().removeprefix('www.')}{path}".rstrip("/.?")

    @property
    def authority(self) -> str:
        """The host in lower case, with a port and what stands before an `@`."""
        return re.split(r"[/?\\]", self.key, maxsplit=1)[0]

    @property
    def host(self) -> str:
        """The host in lower case."""
        return self.authority.rpartition("@")[2].partition(":")[0]


@lru_cache(maxsize=8192)
def addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses of `text` wherever they stand; one that is written as a link comes with its label."""
    return tuple(_addresses(text))


def _addresses(text: str) -> Iterator[Address]:
    rest = _DISGUISED_DOT.sub(".", plain_forms(text))
    for pattern in (_MARKDOWN, _REFERENCE, _SLACK):
        for found in pattern.finditer(rest):
            if target := _absolute(found["target"]):
                yield Address(found.group(), target, found["label"] or "")
        rest = pattern.sub(_shown, rest)
    for pattern in (_WRITTEN_OUT, _ACTING):
        yield from (_plain(found.group()) for found in pattern.finditer(rest))
        rest = pattern.sub(_blank, rest)
    prose = _CODE.sub(_blank, rest)
    yield from (Address(found.group(), found["host"]) for found in _MAIL.finditer(prose) if _ends_a_host(found["host"]))
    yield from (_plain(found.group()) for found in _BARE.finditer(prose) if _is_bare_address(found))


def keys_with_parents(found: Iterable[Address]) -> frozenset[str]:
    """Return the keys of addresses and of all that they begin with: the host, and each step of the path."""
    return frozenset(
        key[:end] for key in {one.key for one in found} for end in (*_step_ends(key), len(key)) if key[:end]
    )


def imitates(host: str) -> bool:
    """Whether letters of other scripts make `host` look like one in plain Latin letters."""
    return not host.isascii() and any(not label.isascii() and folded(label).isascii() for label in host.split("."))


def _step_ends(key: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(r"[/?\\]", key))


def _plain(written: str) -> Address:
    trimmed = written.rstrip(_TRAILING)
    return Address(trimmed, trimmed)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _shown(found: re.Match[str]) -> str:
    """Leave nothing of a link that has a target elsewhere; what only looks like one (`f[i](x)`) stays."""
    return _blank(found) if _absolute(found["target"]) else found.group()


def _absolute(target: str) -> str:
    """Return where a link leads when that is not a place of the same page or repository."""
    if target.startswith(("//", "\\\\")):
        return f"https:{target}"
    if _SCHEME.match(target):
        return target
    bare = _BARE.match(target)
    return target if bare and _is_bare_address(bare) else ""


def _is_bare_address(found: re.Match[str]) -> bool:
    host, path = found["host"], found["rest"] or ""
    if host.replace(".", "").isdigit():
        return _is_inner_address(host) or bool(_is_ip(host) and (path or found["port"]))
    labels = host.split(".")
    package = labels[0].lower() in _PACKAGES and (len(labels) >= _LEAST_PACKAGE or labels[0] in {"java", "javax"})
    if package or not (labels[-1].islower() or labels[-1] == "COM") or not _ends_a_host(host):
        return False
    shown = labels[-1].lower() in _ENDS_HOSTS or labels[0].lower() == "www" or found["port"]
    leads_on = len(path) > 1 and "." not in re.split(r"[/?]", path)[1]  # not the second file of `main.rs/lib.rs`
    before = found.string[max(0, found.start() - 30) : found.start()]
    return bool(shown or leads_on or _SENT_THERE.search(before))


@lru_cache(maxsize=4096)
def _ends_a_host(host: str) -> bool:
    """Whether `host` is a name under a public suffix, or under one that documents use for examples."""
    from tld import get_tld  # noqa: PLC0415 - reads a long list that only a dotted word needs

    if host.rpartition(".")[2].lower() in _RESERVED:
        return True
    found = get_tld(f"https://{host.lower()}", as_object=True, fail_silently=True)
    return found is not None and not isinstance(found, str) and found.tld != host.lower()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_inner_address(host: str) -> bool:
    """Whether it is an address behind the firewall, such as that of a cloud's metadata; `0.1.2.3` is a version."""
    return _is_ip(host) and not ipaddress.ip_address(host).is_global and not host.startswith("0.")
