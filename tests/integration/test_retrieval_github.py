"""The GitHub source against a server that speaks as much of the REST API as it uses."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from hostile_server import SENTENCES, LoopbackPlaysBoth, Names, Request, answer, hostile_server, raw, redirect
from technoshare_commentator.domain import Coverage, Evidence, Link
from technoshare_commentator.errors import FetchFailedError, SourceError
from technoshare_commentator.retrieval.fetching.fetch import Fetcher
from technoshare_commentator.retrieval.retriever import Retriever
from technoshare_commentator.retrieval.sources.github import GitHubSource
from technoshare_commentator.retrieval.sources.webpage import WebpageSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hostile_server import Behaviour

LINK = "https://github.com/acme/rocket"
README = f"# Rocket\n\n[![build](https://img.example/b.svg)](https://ci.example)\n\n{SENTENCES}\n"
TOKEN = "ghp_of_nobody"  # noqa: S105 - opens nothing
ABOUT = {
    "full_name": "acme/rocket",
    "description": "Rocket moves tables between engines.",
    "language": "Python",
    "topics": ["etl", "arrow"],
    "license": {"spdx_id": "MIT"},
    "stargazers_count": 4200,
    "archived": False,
    "homepage": None,
}


def as_json(data: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Behaviour:
    return answer(status, json.dumps(data).encode(), "application/json; charset=utf-8", headers)


def file_of(text: str, name: str = "README.md") -> Behaviour:
    content = base64.encodebytes(text.encode()).decode()
    return as_json({"name": name, "encoding": "base64", "content": content})


ROUTES: dict[str, Behaviour] = {"/repos/acme/rocket": as_json(ABOUT), "/repos/acme/rocket/readme": file_of(README)}


def read(routes: Mapping[str, Behaviour], url: str = LINK, token: str = "") -> tuple[Evidence, list[Request]]:
    async def scenario() -> tuple[Evidence, list[Request]]:
        async with hostile_server(routes) as server:
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(other_example=[["127.0.0.1"]]))
            retriever = Retriever(fetcher, [GitHubSource(token=token, api_url=server.url("")), WebpageSource()])
            try:
                return await retriever.retrieve(Link(url=url)), server.requests
            finally:
                await retriever.aclose()

    return asyncio.run(scenario())


def test_a_repository_gives_its_readme_and_its_metadata() -> None:
    evidence, requests = read(ROUTES)
    assert evidence.adapter_name == "github"
    assert evidence.title == "Rocket"
    assert (evidence.url, evidence.final_url) == (LINK, LINK)
    assert evidence.coverage is Coverage.FULL
    assert evidence.metadata == {
        "description": "Rocket moves tables between engines.",
        "language": "Python",
        "topics": "etl, arrow",
        "license": "MIT",
        "stars": "4200",
    }
    first = evidence.snippets[0]
    assert (first.section, first.text) == ("About", "Rocket moves tables between engines.")
    assert evidence.snippets[1].text.startswith("Sentence number 1 says")
    assert sorted(urlsplit(source).path for source in evidence.sources) == sorted(ROUTES)
    assert all(request.headers["accept"] == "application/vnd.github+json" for request in requests)


def test_a_description_that_the_readme_repeats_is_not_said_twice() -> None:
    readme = file_of("# Rocket\n\nRocket moves tables between engines.\n\n" + SENTENCES)
    evidence, _ = read({**ROUTES, "/repos/acme/rocket/readme": readme})
    assert evidence.text.count("Rocket moves tables between engines.") == 1


def test_a_readme_in_restructured_text_is_read_as_such() -> None:
    readme = file_of(f"Rocket\n======\n\n.. image:: logo.png\n\n{SENTENCES}\n", "README.rst")
    evidence, _ = read({**ROUTES, "/repos/acme/rocket/readme": readme})
    assert evidence.title == "Rocket"
    assert ".. image" not in evidence.text


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{LINK}/tree/main", "/repos/acme/rocket/readme?ref=main"),
        (f"{LINK}/tree/v2.0/docs/guide", "/repos/acme/rocket/readme/docs/guide?ref=v2.0"),
        (f"{LINK}/blob/main/docs/design.md", "/repos/acme/rocket/contents/docs/design.md?ref=main"),
        (f"{LINK}/blob/x/d%C3%A9sign%20notes.rst", "/repos/acme/rocket/contents/d%C3%A9sign%20notes.rst?ref=x"),
    ],
)  # fmt: skip
def test_a_folder_or_a_text_file_is_read_itself(url: str, path: str) -> None:
    inside = file_of("# Inside\n\nThis text lies in the folder. " + SENTENCES, "design.md")
    evidence, _ = read({**ROUTES, path: inside}, url)
    assert evidence.title == "Inside"
    assert "This text lies in the folder." in evidence.text
    assert evidence.coverage is Coverage.FULL


@pytest.mark.parametrize("url", [f"{LINK}/tree/main/src/empty", f"{LINK}/blob/main/src/engine.py"])
def test_what_has_no_text_of_its_own_gives_the_repositorys_readme_and_says_so(url: str) -> None:
    evidence, requests = read(ROUTES, url)
    assert evidence.title == "Rocket"
    assert not any("/contents/" in request.path for request in requests), "source code is not asked for"
    assert evidence.coverage is Coverage.PARTIAL
    assert "has no text to read; the repository's README was read instead" in evidence.coverage_reason


def test_the_token_goes_to_the_api_and_does_not_follow_a_redirect_elsewhere() -> None:
    routes = dict(ROUTES)

    async def scenario() -> list[Request]:
        async with hostile_server(routes) as server:
            server.routes["/repos/acme/rocket"] = redirect(server.url("/stolen", "other.example"), 301)
            server.routes["/stolen"] = as_json(ABOUT)
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(other_example=[["127.0.0.1"]]))
            source = GitHubSource(token=TOKEN, api_url=server.url(""))
            await Retriever(fetcher, [source]).retrieve(Link(url=LINK))
            return server.requests

    sent = {request.path: request.headers.get("authorization") for request in asyncio.run(scenario())}
    assert sent == {
        "/repos/acme/rocket": f"Bearer {TOKEN}",
        "/repos/acme/rocket/readme": f"Bearer {TOKEN}",
        "/stolen": None,
    }


def test_without_a_token_nothing_is_authorised() -> None:
    _, requests = read(ROUTES)
    assert all("authorization" not in request.headers for request in requests)


def test_a_repository_that_was_renamed_is_shown_under_its_new_name() -> None:
    moved = {"/repositories/7": as_json({**ABOUT, "full_name": "acme/starship"}), **ROUTES}
    moved["/repos/acme/rocket"] = redirect("/repositories/7", 301)
    evidence, _ = read(moved)
    assert evidence.url == LINK
    assert evidence.final_url == "https://github.com/acme/starship"


def test_a_repository_without_readme_is_partial() -> None:
    evidence, _ = read({"/repos/acme/rocket": as_json(ABOUT)})
    assert evidence.coverage is Coverage.PARTIAL
    assert evidence.coverage_reason.startswith("README missing; only 1 full sentence")
    assert evidence.text == "Rocket moves tables between engines."
    assert evidence.title == "acme/rocket"


def test_a_repository_with_neither_readme_nor_description_has_nothing_to_read() -> None:
    with pytest.raises(SourceError, match="README missing"):
        read({"/repos/acme/rocket": as_json({"full_name": "acme/rocket", "description": None})})


def test_metadata_that_cannot_be_had_leaves_the_readme() -> None:
    evidence, _ = read({**ROUTES, "/repos/acme/rocket": as_json({}, 502)})
    assert evidence.coverage is Coverage.PARTIAL
    assert evidence.coverage_reason == "the repository's metadata could not be read (status 502)"


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (as_json({"message": "Not Found"}, 404), "knows no public repository 'acme/rocket'"),
        (as_json({}, 403, (("X-RateLimit-Remaining", "0"),)), r"0 requests left\); set GITHUB_TOKEN"),
        (as_json({}, 429), "an unknown number of requests left"),
        (as_json({}, 500), "try again later"),
        (as_json([1, 2]), "does not hold a JSON object"),
        (answer(body=b"{broken", content_type="application/json"), "not valid JSON"),
        (answer(body=b"[" * 100_000, content_type="application/json"), "not valid JSON"),
        (answer(body=b"<html>", content_type="text/html"), "served as 'text/html'"),
        (raw(b"HTTP/1.1 200 OK\r\n"), "connection broke"),
    ],
    ids=["missing", "limited", "limited again", "down", "list", "broken", "nested", "html", "cut off"],
)
def test_a_repository_that_cannot_be_read_says_why(behaviour: Behaviour, message: str) -> None:
    with pytest.raises(FetchFailedError, match=message):
        read({"/repos/acme/rocket": behaviour, "/repos/acme/rocket/readme": as_json({}, 404)})


@pytest.mark.parametrize(
    "readme",
    [
        {"name": "README.md", "encoding": "none", "content": ""},
        {"name": "README.md", "encoding": "base64", "content": "a"},
        {"name": None, "content": None},
        {},
    ],
)
def test_a_readme_that_holds_nothing_is_a_gap(readme: dict[str, object]) -> None:
    evidence, _ = read({**ROUTES, "/repos/acme/rocket/readme": as_json(readme)})
    assert "the README is empty" in evidence.coverage_reason


def test_hostile_metadata_does_not_break_the_evidence() -> None:
    odd = {"full_name": "../../etc", "description": ["a"], "topics": {"a": 1}, "license": "MIT", "archived": "yes"}
    evidence, _ = read({**ROUTES, "/repos/acme/rocket": as_json(odd)})
    assert evidence.final_url == LINK
    assert evidence.snippets


@pytest.mark.parametrize("path", ["/issues/1", "/releases/tag/v1", "/wiki", "/pull/3", "/discussions/4"])
def test_other_pages_of_a_repository_are_webpages(path: str) -> None:
    assert not GitHubSource().matches(urlsplit(LINK + path))
    assert WebpageSource().matches(urlsplit(LINK + path))
