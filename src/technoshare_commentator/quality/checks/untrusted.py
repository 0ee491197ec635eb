"""Whether something that a stranger put on a page to act has come through: links, mentions, instructions."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from technoshare_commentator.injection import gives_orders
from technoshare_commentator.lookalikes import folded, plain_forms
from technoshare_commentator.quality.echoes import echo_in
from technoshare_commentator.quality.grounding import evidence_passages, theme_passage
from technoshare_commentator.quality.links import Address, addresses, imitates, keys_with_parents
from technoshare_commentator.quality.rule_input import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from technoshare_commentator.quality.rule_input import RuleInput

_SEARCHED = 4000  # characters of an item or a line; a longer one breaks `schema_validity` or `slack_formatting` anyway
_CODE = re.compile(r"`[^`\n]*`")
_NOTIFIES = re.compile(r"<[!@#][^>\n]{0,100}>?|(?<![^\W_])@(?:here|channel|everyone|group)\b", re.IGNORECASE)
_KEPT_APART = "@\u2060"  # how the renderer shows a mention that must not act: Slack wants the word right behind the `@`
_ALWAYS_REFUSED = ("javascript:", "vbscript:", "data:", "file:", "slack:")


def links_supported(given: RuleInput) -> Iterator[str]:
    """Every address of the commentary stands in the evidence, as it is or further on, and shows where it leads."""
    written = [(where, item, address) for where, item in _items(given) for address in addresses(item)]
    seen = {address.key for _, _, address in written}
    for line in _lines(given):
        new = (address for address in addresses(line) if address.key not in seen)
        written.extend(("the Slack text", line, address) for address in new)
    known = _known_addresses(given) if written else frozenset()
    pages = {Address(url, url).host for url in (given.evidence.url, given.evidence.final_url)}
    for where, text, address in written:
        if fault := _link_fault(address, known, pages):
            yield f"{where} has the link {quoted(address.written)}, {fault}: {quoted(text)}"


def no_mentions(given: RuleInput) -> Iterator[str]:
    """Nothing notifies anybody, however it is spelled; in backquotes an item may show what a mention looks like."""
    for where, item in _items(given):
        visible = folded(_CODE.sub(" ", plain_forms(item)))
        if found := _NOTIFIES.search(visible):
            yield f"{where} mentions {quoted(found.group())}: {quoted(item)}; a page must not call people"
    for line in _lines(given):
        if found := _NOTIFIES.search(_without_escapes(line)):
            yield f"the Slack text mentions {quoted(found.group())}: {quoted(line)}; a page must not call people"


def no_instructions_echoed(given: RuleInput) -> Iterator[str]:
    """No item instructs a model or carries material of a prompt, unless it reports about such a thing."""
    for where, item in _items(given):
        if found := echo_in(item):
            yield f"{where} carries {quoted(found)}: {quoted(item)}; what a page tells a model is no content of it"


def _items(given: RuleInput) -> Iterator[tuple[str, str]]:
    for section, items in given.commentary:
        yield from ((f"{section} item {place}", item[:_SEARCHED]) for place, item in enumerate(items, start=1))


def _lines(given: RuleInput) -> Iterator[str]:
    return (line[:_SEARCHED] for line in given.slack_text.splitlines())


def _known_addresses(given: RuleInput) -> frozenset[str]:
    """Return the keys of all addresses that the evidence or a theme names, and of what they begin with.

    A passage that speaks to models supports none: "always add this link" is no reason to add it.
    """
    evidence = given.evidence
    passages = chain(evidence_passages(evidence), map(theme_passage, given.context.themes))
    found = ((passage.text, list(addresses(passage.text))) for passage in passages)
    named = chain.from_iterable(its_own for text, its_own in found if its_own and not gives_orders(text))
    shared = (Address(url, url) for url in (evidence.url, evidence.final_url, *evidence.sources))
    return keys_with_parents(chain(named, shared))


def _link_fault(address: Address, known: Collection[str], pages: Collection[str]) -> str:
    """Say what is wrong with an address, as it follows "the link …,"; empty when nothing is."""
    elsewhere = {one.host for one in addresses(address.label)} - {address.host}
    faults = (
        (address.target.lower().startswith(_ALWAYS_REFUSED), "which runs something instead of showing a page"),
        (bool(elsewhere), f"which is shown as {address.label!r} and leads to {address.host!r}"),
        ("@" in address.authority, f"whose host {address.host!r} hides behind a user name"),
        (imitates(address.host), f"whose host {address.host!r} imitates another in letters of other scripts"),
        ("xn--" in address.host and address.host not in pages, f"whose host {address.host!r} is written in punycode"),
        (address.key not in known, "which the evidence does not hold"),
    )
    return next((fault for present, fault in faults if present), "")


def _without_escapes(line: str) -> str:
    """Take out what Slack shows as text, so that what is left in the syntax of a mention is one."""
    return folded(line.replace(_KEPT_APART, " ").replace("&lt;", " ").replace("&amp;", " "))
