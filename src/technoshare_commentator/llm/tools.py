"""Tools that a model may call; whatever it asks for comes back as text, a mistake of its own included."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from technoshare_commentator.domain import Evidence, Link, Snippet
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.llm.evidence_text import evidence_lines
from technoshare_commentator.mlops.tracing import SpanType, span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FETCH_PAGE = "fetch_page"
_MOST_PAGES = 4
_PAGE_CHARACTERS = 12_000


class Tool(Protocol):
    """A function that a model may call."""

    @property
    def description(self) -> dict[str, Any]:
        """The tool as a chat completion request names it."""
        ...

    async def call(self, arguments: dict[str, Any]) -> str:
        """Do it and say what came of it, also when nothing did."""
        ...


@dataclass
class PageTool:
    """`fetch_page`: reads a page that the evidence names, through the same guarded fetcher that read the evidence.

    A page that is being commented on was written by strangers, and so may be the wish to fetch something. Therefore
    only addresses of the page's own host, and those that its text names, are read at all.
    """

    evidence: Evidence
    read: Callable[[Link], Awaitable[Evidence]]
    sources: list[str] = field(default_factory=list)
    snippets: list[Snippet] = field(default_factory=list)
    _in_vain: set[str] = field(default_factory=set)

    @property
    def description(self) -> dict[str, Any]:
        """The tool as a chat completion request names it."""
        return {
            "type": "function",
            "function": {
                "name": FETCH_PAGE,
                "description": "Read one more page that the evidence names or that is on the same host, when a "
                "question of the list cannot be answered without it. Its passages may be cited by their ids.",
                "parameters": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["url"],
                    "properties": {"url": {"type": "string", "description": "The page's full address, https://…"}},
                },
            },
        }

    async def call(self, arguments: dict[str, Any]) -> str:
        """Return the passages of the page at `url`, or why it was not read."""
        url = arguments.get("url")
        if not isinstance(url, str) or not url.strip():
            return f"{FETCH_PAGE} takes one argument, url, a text; it was given {json.dumps(arguments)[:200]}"
        url = url.strip()
        if refusal := self._refusal(url):
            return refusal
        try:
            page = await self.read(Link(url=url))
        except TechnoShareError as error:
            self._in_vain.add(url)
            return f"the page could not be read: {error}"
        return self._take(url, page)

    def _refusal(self, url: str) -> str:
        if url in self.sources:
            return "this page has been read already; its passages stand above"
        if url in self._in_vain:
            return "this page could not be read, as has been said"
        if len(self.sources) + len(self._in_vain) >= _MOST_PAGES:
            return f"{_MOST_PAGES} pages have been asked for; answer from what is there"
        known = {Link(url=one).host for one in (self.evidence.url, self.evidence.final_url)}
        if Link(url=url).host not in known and url not in self.evidence.text:
            return "only addresses that the evidence names, or on the page's own host, are read"
        return ""

    def _take(self, url: str, page: Evidence) -> str:
        self.sources.append(url)
        prefix = f"t{len(self.sources)}."
        taken: list[Snippet] = []
        for snippet in page.snippets:
            if sum(len(one.text) for one in taken) + len(snippet.text) > _PAGE_CHARACTERS:
                break
            taken.append(snippet.model_copy(update={"id": prefix + snippet.id}))
        self.snippets += taken
        return f"Title: {page.title}\n\nBEGIN EVIDENCE\n{evidence_lines(taken)}\nEND EVIDENCE"


async def call_tool(tools: dict[str, Tool], name: str, arguments: str) -> str:
    """Answer one tool call; an unknown name and arguments that are no JSON object are answered, not raised."""
    with span(f"execute_tool {name}", SpanType.TOOL, inputs={"name": name, "arguments": arguments}) as call:
        if name not in tools:
            said = f"there is no tool {name!r}; there is: {', '.join(tools) or 'none'}"
        elif (parsed := _object(arguments)) is None:
            said = f"the arguments of {name} must be one JSON object; they were {arguments[:200]!r}"
        else:
            said = await tools[name].call(parsed)
        call.output(said)
    return said


def _object(arguments: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
