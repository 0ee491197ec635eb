"""What a GitHub link shows, and how a README that is already here becomes evidence; no network in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote

from technoshare_commentator.retrieval.extraction.clean_text import tidy
from technoshare_commentator.retrieval.extraction.content_type import detect, parse_content_type
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind
from technoshare_commentator.retrieval.extraction.evidence import Origin, build_evidence
from technoshare_commentator.retrieval.extraction.extract import extract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from technoshare_commentator.domain import Evidence

ADAPTER = "github"
HOSTS = frozenset({"github.com", "www.github.com"})
ABOUT = "About"
_EMOJI_NAME = re.compile(r":[a-z][a-z0-9_+-]{1,40}:")
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
# First parts of a path under github.com that are pages of the site and not owners of repositories.
_NOT_OWNERS = frozenset(
    {
        *("about", "account", "apps", "blog", "codespaces", "collections", "contact", "customer-stories", "dashboard"),
        *("enterprise", "events", "explore", "features", "gist", "issues", "join", "login", "marketplace", "mobile"),
        *("new", "notifications", "orgs", "organizations", "pricing", "pulls", "readme", "resources", "search"),
        *("security", "sessions", "settings", "signup", "site", "solutions", "sponsors", "stars", "team", "topics"),
        *("trending", "users", "watching", "wiki"),
    }
)


@dataclass(frozen=True)
class Repository:
    """A repository, and the folder or file inside it when the link names one (`ref` is a branch, tag or commit)."""

    owner: str
    name: str
    ref: str = ""
    folder: str = ""
    file: str = ""

    @property
    def url(self) -> str:
        """The repository's page."""
        return f"https://github.com/{self.owner}/{self.name}"


def repository_of(url: SplitResult) -> Repository | None:
    """Return the repository a link shows: its front page, a folder or a file; None for every other page.

    Issues, releases, wikis and gists are pages of the site and are left to the webpage source, and so is a link with
    credentials in it, which the fetcher refuses.
    """
    if (url.hostname or "").rstrip(".").lower() not in HOSTS or "@" in url.netloc:
        return None
    parts = [unquote(part) for part in url.path.split("/") if part]
    if len(parts) < 2 or parts[0].lower() in _NOT_OWNERS:  # noqa: PLR2004 - owner and name
        return None
    owner, name = parts[0], parts[1].removesuffix(".git")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in {".", ".."}:
        return None
    return _inside(Repository(owner, name), parts[2:])


def _inside(repository: Repository, rest: list[str]) -> Repository | None:
    if not rest:
        return repository
    if ".." in rest or any("/" in part or "\\" in part for part in rest):
        return None
    kind, *path = rest
    if kind == "tree" and path:
        return Repository(repository.owner, repository.name, ref=path[0], folder="/".join(path[1:]))
    if kind == "blob" and len(path) > 1:
        return Repository(repository.owner, repository.name, ref=path[0], file="/".join(path[1:]))
    return None


@dataclass(frozen=True)
class Readme:
    """A repository's text as far as it could be had: the README's bytes and type, and what the site says about it.

    `metadata["description"]` is the line beside the repository's name; `sources` are the URLs that were read, `gaps`
    what could not be, in words.
    """

    body: bytes = b""
    content_type: str = "text/markdown"
    metadata: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def evidence_from_readme(repository: Repository, readme: Readme, *, url: str = "") -> Evidence:
    """Turn a README that is already here into evidence; live repositories and frozen pages both end here.

    The description becomes the first snippet, under the heading "About" as on the repository's page, unless the README
    says the same. `url` is the link as shared. Raises `SourceError` when there is no prose at all.
    """
    origin = Origin(
        url=url or repository.url,
        final_url=repository.url,
        adapter_name=ADAPTER,
        title=f"{repository.owner}/{repository.name}",
        sources=readme.sources,
        metadata=readme.metadata,
    )
    if readme.body.strip():
        media_type, charset = parse_content_type(readme.content_type)
        document = extract(readme.body, detect(readme.body, media_type, repository.url), charset)
    else:
        document = Document(title="", blocks=(), gaps=() if readme.gaps else ("README missing",))
    about = _about(readme.metadata.get("description", ""), document)
    gaps = (*document.gaps, *readme.gaps)
    return build_evidence(replace(document, blocks=(*about, *document.blocks), gaps=gaps), origin)


def _about(description: str, document: Document) -> tuple[Block, ...]:
    text = tidy(_EMOJI_NAME.sub("", description))
    key = text.rstrip(".").casefold()
    if not text or any(key in block.text.casefold() for block in document.blocks if block.kind is not Kind.HEADING):
        return ()
    return (Block(Kind.HEADING, ABOUT, level=6), Block(Kind.PROSE, text), Block(Kind.HEADING, document.title, level=6))
