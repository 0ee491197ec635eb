from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from technoshare_commentator.retrieval.sources.arxiv import ArxivSource, Paper, paper_of
from technoshare_commentator.retrieval.sources.github import GitHubSource
from technoshare_commentator.retrieval.sources.github_readme import Repository, repository_of
from technoshare_commentator.retrieval.sources.webpage import WebpageSource


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/acme/rocket", Repository("acme", "rocket")),
        ("http://www.github.com/acme/rocket/", Repository("acme", "rocket")),
        ("https://GitHub.com/Acme/Rocket?tab=readme-ov-file#install", Repository("Acme", "Rocket")),
        ("https://github.com/acme/rocket.git", Repository("acme", "rocket")),
        ("https://github.com/acme/rocket.js", Repository("acme", "rocket.js")),
        ("https://github.com:443/a-b/c_d.e", Repository("a-b", "c_d.e")),
        ("https://github.com/acme/rocket/tree/main", Repository("acme", "rocket", ref="main")),
        ("https://github.com/acme/rocket/tree/v1/a/b", Repository("acme", "rocket", ref="v1", folder="a/b")),
        ("https://github.com/acme/rocket/blob/v1/a/b.md#x", Repository("acme", "rocket", ref="v1", file="a/b.md")),
        ("https://github.com/acme/rocket/blob/v1/a%20b.md", Repository("acme", "rocket", ref="v1", file="a b.md")),
    ],
)
def test_a_link_to_a_repository_is_taken_apart(url: str, repository: Repository) -> None:
    assert repository_of(urlsplit(url)) == repository
    assert GitHubSource().matches(urlsplit(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com.evil.example/acme/rocket",
        "https://github.com@evil.example/acme/rocket",
        "https://ada:secret@github.com/acme/rocket",
        "https://evil.example/github.com/acme/rocket",
        "https://evil.example/?u=https://github.com/acme/rocket",
        "https://evil.example/#https://github.com/acme/rocket",
        "https://notgithub.com/acme/rocket",
        "https://gist.github.com/acme/0123456789abcdef",
        "https://raw.githubusercontent.com/acme/rocket/main/README.md",
        "https://acme.github.io/rocket/",
        "https://docs.github.com/en/rest",
        "https://github.com/",
        "https://github.com/acme",
        "https://github.com/features/actions",
        "https://github.com/sponsors/acme",
        "https://github.com/topics/search",
        "https://github.com/acme/rocket/issues/7",
        "https://github.com/acme/rocket/releases/tag/v1",
        "https://github.com/acme/rocket/wiki/Home",
        "https://github.com/acme/rocket/blob/main",
        "https://github.com/acme/rocket/tree",
        "https://github.com/acme/../..",
        "https://github.com/acme/rocket/blob/main/..%2F..%2Fx.md",
        "https://github.com/acme/rocket/tree/main/../../x",
        "https://github.com/ac%2Fme/rocket",
        "https://github.com/-acme/rocket",
        "https://github.com/acme/ro%20cket",
    ],
)
def test_what_is_not_a_repository_is_a_webpage(url: str) -> None:
    assert repository_of(urlsplit(url)) is None
    assert WebpageSource().matches(urlsplit(url))


@pytest.mark.parametrize(
    ("url", "paper"),
    [
        ("https://arxiv.org/abs/2601.01234", Paper("2601.01234")),
        ("http://arxiv.org/abs/2601.01234v3", Paper("2601.01234", "v3")),
        ("https://www.arxiv.org/pdf/2601.01234v1.pdf", Paper("2601.01234", "v1")),
        ("https://arxiv.org/pdf/2601.01234", Paper("2601.01234")),
        ("https://arxiv.org/html/2601.01234v1", Paper("2601.01234", "v1")),
        ("https://arxiv.org/html/2601.01234v1/", Paper("2601.01234", "v1")),
        ("https://export.arxiv.org/abs/0704.0001?context=cs#top", Paper("0704.0001")),
        ("https://arxiv.org/abs/hep-th/9901001", Paper("hep-th/9901001")),
        ("https://arxiv.org/pdf/math.GT/0309136v1.pdf", Paper("math.GT/0309136", "v1")),
        ("https://ARXIV.org/abs/cs%2F0112017", Paper("cs/0112017")),
    ],
)
def test_a_link_to_a_paper_is_taken_apart(url: str, paper: Paper) -> None:
    assert paper_of(urlsplit(url)) == paper
    assert ArxivSource().matches(urlsplit(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/",
        "https://arxiv.org/list/cs.CL/recent",
        "https://arxiv.org/a/lind_a_1",
        "https://arxiv.org/abs/",
        "https://arxiv.org/abs/2601.1",
        "https://arxiv.org/abs/2601.01234v",
        "https://arxiv.org/abs/2601.01234/extra",
        "https://arxiv.org/abs/../etc/passwd",
        "https://arxiv.org/abs/\u0662601.01234",
        "https://arxiv.org.evil.example/abs/2601.01234",
        "https://arxiv.org@evil.example/abs/2601.01234",
        "https://ada@arxiv.org/abs/2601.01234",
        "https://evil.example/arxiv.org/abs/2601.01234",
        "https://blog.arxiv.org/abs/2601.01234",
    ],
)
def test_what_is_not_a_paper_is_a_webpage(url: str) -> None:
    assert paper_of(urlsplit(url)) is None
    assert WebpageSource().matches(urlsplit(url))


@pytest.mark.parametrize(
    "url", ["ftp://github.com/a/b", "ftp://arxiv.org/abs/2601.01234", "mailto:a@b.example", "page.html"]
)
def test_no_source_takes_another_scheme(url: str) -> None:
    sources = (GitHubSource(), ArxivSource(), WebpageSource())
    assert not any(source.matches(urlsplit(url)) for source in sources)
