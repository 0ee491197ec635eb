"""Pages that lie on disk under the address they were shared with, read by the very code that reads live ones.

What a job has read already lies there as its evidence, and is taken as it is.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from technoshare_commentator.errors import DatasetError
from technoshare_commentator.retrieval.extraction.content import evidence_from_bytes
from technoshare_commentator.retrieval.frozen_evidence import SUFFIX, read_evidence
from technoshare_commentator.retrieval.sources import arxiv, github_readme
from technoshare_commentator.retrieval.sources.file import content_type_of, read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from technoshare_commentator.domain import Evidence, Link

DISTRIBUTION_PREFIX = "dist:"
# Labels under which projects put their repository, most telling first (PyPI's well-known labels and common habits).
_LABELS = ("source", "repository", "source code", "github", "code", "homepage", "home")


class FrozenRetriever:
    """The port `Retriever` over frozen pages: `pages` maps a link to a file in `folder`, or to `dist:NAME`.

    A `.json` file is no page but evidence.
    """

    def __init__(self, pages: Mapping[str, str], folder: Path) -> None:
        self._pages = dict(pages)
        self._folder = folder

    async def retrieve(self, link: Link) -> Evidence:
        """Return what the page holds; a link without one is a `DatasetError`."""
        page = self._pages.get(link.url)
        if page is None:
            raise DatasetError(f"no page is frozen for {link.url!r}; there are pages for {sorted(self._pages)}")
        if page.startswith(DISTRIBUTION_PREFIX):
            return await asyncio.to_thread(evidence_from_distribution, page)
        if page.endswith(SUFFIX):
            return await asyncio.to_thread(read_evidence, self._folder / page, link.url)
        return await asyncio.to_thread(evidence_from_file, link.url, self._folder / page)


def evidence_from_file(url: str, path: Path) -> Evidence:
    """Read the page at `path` as if it had been fetched from `url`; its suffix stands for the content type.

    A repository's address makes it a README, an arXiv address a paper, everything else a webpage or PDF. Raises
    `SourceError` when the file cannot be read or holds no prose.
    """
    body, content_type = read_file(path), content_type_of(path)
    parsed = urlsplit(url)
    repository = github_readme.repository_of(parsed)
    if repository is not None:
        return github_readme.evidence_from_readme(repository, github_readme.Readme(body, content_type), url=url)
    paper = arxiv.paper_of(parsed)
    if paper is not None:
        return arxiv.evidence_from_full_text(paper, body, content_type, url=url)
    return evidence_from_bytes(url, body, content_type)


def evidence_from_distribution(name: str) -> Evidence:
    """Read the project description of an installed distribution as its repository's README.

    `name` is a distribution's name, with or without `dist:` before it. Raises `DatasetError` when it is not installed,
    names no GitHub repository or has no description.
    """
    name = name.removeprefix(DISTRIBUTION_PREFIX)
    try:
        found = distribution(name)
    except (PackageNotFoundError, ValueError):
        raise DatasetError(
            f"the distribution {name!r} is not installed, so its description cannot be read; install it "
            f"(pip install {name}) or name another page"
        ) from None
    repository = repository_of_distribution(found)
    if repository is None:
        raise DatasetError(
            f"the distribution {name!r} names no repository on github.com in its metadata; name another page"
        )
    text, content_type = _description(found)
    if not text.strip():
        raise DatasetError(f"the distribution {name!r} has no description; name another page")
    fields = {"description": "Summary", "version": "Version", "license": "License-Expression"}
    metadata = {key: value for key, field in fields.items() if (value := _field(found, field))}
    return github_readme.evidence_from_readme(repository, github_readme.Readme(text.encode(), content_type, metadata))


def repository_of_distribution(found: Distribution) -> github_readme.Repository | None:
    """Return the GitHub repository among a distribution's project URLs, by parsed host."""
    urls = [(label.strip().lower(), url.strip()) for label, url in _project_urls(found)]
    ranked = sorted(urls, key=lambda item: _LABELS.index(item[0]) if item[0] in _LABELS else len(_LABELS))
    for _, url in ranked:
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        # The first two parts of the path are enough: projects link to their issues or change log more often than home.
        front = "/".join(parts.path.split("/")[:3])
        repository = github_readme.repository_of(parts._replace(path=front, query="", fragment=""))
        if repository is not None:
            return repository
    return None


def _project_urls(found: Distribution) -> list[tuple[str, str]]:
    pairs = [tuple(value.split(",", 1)) for value in found.metadata.get_all("Project-URL") or () if "," in value]
    return [*((label, url) for label, url in pairs), ("home", _field(found, "Home-page"))]


def _description(found: Distribution) -> tuple[str, str]:
    """Return the description and its content type; the field's default is reStructuredText (core metadata spec)."""
    text = _field(found, "Description") or str(found.read_text("METADATA") or "").partition("\n\n")[2]
    media_type = _field(found, "Description-Content-Type").partition(";")[0].strip().lower() or "text/x-rst"
    return text, f"{media_type}; charset=utf-8"


def _field(found: Distribution, name: str) -> str:
    """Return a field of the metadata, empty when absent or, as old build tools wrote it, unknown."""
    value = str(found.metadata[name]) if name in found.metadata else ""
    return "" if value.strip() == "UNKNOWN" else value
