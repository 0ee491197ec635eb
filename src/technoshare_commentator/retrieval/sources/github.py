"""GitHub repositories, live: README and metadata through the REST API, never a scrape of the site."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.content_type import BY_SUFFIX, Format
from technoshare_commentator.retrieval.fetching.fetch import HttpStatusError
from technoshare_commentator.retrieval.sources.github_readme import (
    Readme,
    Repository,
    evidence_from_readme,
    repository_of,
)

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from technoshare_commentator.domain import Evidence, Link
from technoshare_commentator.retrieval.extraction.extract import off_the_loop
from technoshare_commentator.retrieval.fetching.fetch import Fetcher

API_URL = "https://api.github.com"
_JSON = "application/vnd.github+json"
_API_VERSION = "2022-11-28"
_CONTENT_TYPES = {Format.MARKDOWN: "text/markdown", Format.RST: "text/x-rst"}
_TEXT_SUFFIXES = frozenset({".md", ".markdown", ".rst", ".txt"})
_FORBIDDEN, _NOT_FOUND, _TOO_MANY = 403, 404, 429


@dataclass(frozen=True)
class _Text:
    """A file of the repository as the API gave it, or in `gap` why there is none."""

    body: bytes = b""
    name: str = ""
    source: str = ""
    gap: str = ""

    @property
    def content_type(self) -> str:
        kind = BY_SUFFIX.get(PurePosixPath(self.name).suffix.lower(), Format.TEXT)
        return _CONTENT_TYPES.get(kind, "text/plain")


class GitHubSource:
    """Front pages, folders and text files of repositories; issues, releases and the rest are webpages.

    `token` is optional and raises the number of requests the API allows; it is sent to `api_url` and nowhere else.
    """

    def __init__(self, *, token: str = "", api_url: str = API_URL) -> None:
        self._api_url = api_url.rstrip("/")
        self._headers = {"X-GitHub-Api-Version": _API_VERSION}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def matches(self, url: SplitResult) -> bool:
        """Whether the link shows a repository on github.com."""
        return url.scheme in {"http", "https"} and repository_of(url) is not None

    async def read(self, link: Link, fetcher: Fetcher) -> Evidence:
        """Ask the API for metadata and README at once; either alone still gives evidence, of partial coverage."""
        repository = repository_of(urlsplit(link.url))
        if repository is None:
            raise FetchFailedError(f"{link.url!r} does not show a repository; share its front page")
        about, text = await asyncio.gather(self._about(repository, fetcher), self._text(repository, fetcher))
        if isinstance(about, FetchFailedError):
            if not text.body:
                raise about
            about = {"gap": f"the repository's metadata could not be read ({_short(about)})"}
        readme = Readme(
            body=text.body,
            content_type=text.content_type,
            metadata=_metadata(about),
            sources=tuple(source for source in (str(about.get("source", "")), text.source) if source),
            gaps=tuple(gap for gap in (text.gap, str(about.get("gap", ""))) if gap),
        )
        return await off_the_loop(evidence_from_readme, _renamed(repository, about), readme, url=link.url)

    async def _about(self, repository: Repository, fetcher: Fetcher) -> dict[str, Any] | FetchFailedError:
        try:
            answer, source = await self._get(f"/repos/{repository.owner}/{repository.name}", fetcher)
        except FetchFailedError as error:
            return self._explained(error, repository)
        return {**answer, "source": source}

    async def _text(self, repository: Repository, fetcher: Fetcher) -> _Text:
        """Return the file or the folder's README that the link names, else the repository's own README."""
        root = f"/repos/{repository.owner}/{repository.name}"
        ref = f"?ref={quote(repository.ref, safe='')}" if repository.ref else ""
        named = repository.file or repository.folder
        path = ""
        if PurePosixPath(repository.file).suffix.lower() in _TEXT_SUFFIXES:
            path = f"{root}/contents/{quote(repository.file)}{ref}"
        elif repository.ref and not repository.file:
            path = f"{root}/readme/{quote(repository.folder)}".rstrip("/") + ref
        if path and (found := await self._file(path, fetcher)).body:
            return found
        own = await self._file(f"{root}/readme", fetcher)
        gap = f"{named!r} has no text to read; the repository's README was read instead"
        return replace(own, gap=gap) if named and own.body else own

    async def _file(self, path: str, fetcher: Fetcher) -> _Text:
        try:
            answer, source = await self._get(path, fetcher)
        except HttpStatusError as error:
            missing = error.status == _NOT_FOUND
            return _Text(gap="README missing" if missing else f"the README could not be read ({_short(error)})")
        except FetchFailedError as error:
            return _Text(gap=f"the README could not be read ({_short(error)})")
        try:
            body = base64.b64decode(str(answer.get("content") or ""))
        except (binascii.Error, ValueError):
            body = b""
        if not body.strip():
            return _Text(gap="the README is empty, or larger than the API gives out")
        return _Text(body, str(answer.get("name") or ""), source)

    async def _get(self, path: str, fetcher: Fetcher) -> tuple[dict[str, Any], str]:
        page = await fetcher.fetch(f"{self._api_url}{path}", accept=_JSON, is_accepted=_is_json, headers=self._headers)
        try:
            answer = json.loads(page.body)
        except (ValueError, RecursionError) as error:
            raise FetchFailedError(f"{page.final_url!r} is not valid JSON ({error}); try again") from error
        if not isinstance(answer, dict):
            raise FetchFailedError(f"{page.final_url!r} does not hold a JSON object; share a file or a folder")
        return answer, page.final_url

    def _explained(self, error: FetchFailedError, repository: Repository) -> FetchFailedError:
        if not isinstance(error, HttpStatusError):
            return error
        name = f"{repository.owner}/{repository.name}"
        if error.status == _NOT_FOUND:
            return FetchFailedError(
                f"GitHub knows no public repository {name!r}; check the link or set a GITHUB_TOKEN that may read it"
            )
        if error.status in {_FORBIDDEN, _TOO_MANY}:
            return FetchFailedError(
                f"GitHub's API refuses to show {name!r} (status {error.status}, "
                f"{error.headers.get('x-ratelimit-remaining', 'an unknown number of')} requests left); "
                "set GITHUB_TOKEN or wait an hour"
            )
        return error


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _metadata(answer: dict[str, Any]) -> dict[str, str]:
    """Return what of the API's description of a repository is worth keeping, as strings."""
    license_ = answer.get("license")
    topics = answer.get("topics")
    found = {
        "description": answer.get("description"),
        "homepage": answer.get("homepage"),
        "language": answer.get("language"),
        "topics": ", ".join(map(str, topics)) if isinstance(topics, list) else "",
        "license": license_.get("spdx_id") if isinstance(license_, dict) else "",
        "stars": answer.get("stargazers_count"),
        "pushed_at": answer.get("pushed_at"),
        "archived": "true" if answer.get("archived") is True else "",
    }
    return {key: str(value) for key, value in found.items() if value not in (None, "")}


def _renamed(repository: Repository, answer: dict[str, Any]) -> Repository:
    """Return the repository under the name it has today, which the API gives when it was moved."""
    now = repository_of(urlsplit(f"https://github.com/{answer.get('full_name') or ''}"))
    return replace(repository, owner=now.owner, name=now.name) if now else repository


def _short(error: FetchFailedError) -> str:
    return f"status {error.status}" if isinstance(error, HttpStatusError) else str(error).partition(";")[0]
