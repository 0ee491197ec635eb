from __future__ import annotations

from importlib.metadata import Distribution
from typing import TYPE_CHECKING

import pytest

from pdf_files import pdf_file
from technoshare_commentator.domain import Coverage
from technoshare_commentator.errors import DatasetError, SourceError
from technoshare_commentator.retrieval.frozen import (
    evidence_from_distribution,
    evidence_from_file,
    repository_of_distribution,
)

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = " ".join(f"Sentence number {n} says something whole about storage engines." for n in range(20))
PDF_LINES = SENTENCES.replace(". ", ".|").split("|")


@pytest.mark.parametrize(
    ("url", "name", "adapter", "title"),
    [
        ("https://github.com/acme/rocket", "rocket.md", "github", "Rocket"),
        ("https://github.com/acme/rocket/issues/1", "issue.md", "webpage", "Rocket"),
        ("https://arxiv.org/abs/2601.01234v2", "paper.html", "arxiv", "Rocket"),
        ("https://arxiv.org/pdf/2601.01234", "paper.pdf", "arxiv", PDF_LINES[0]),
        ("https://a.example/post", "post.html", "webpage", "Rocket"),
        ("https://a.example/paper", "paper.pdf", "pdf", PDF_LINES[0]),
        ("https://a.example/notes", "notes.txt", "webpage", "https://a.example/notes"),
    ],
)
def test_a_file_is_read_the_way_its_address_would_be(
    url: str, name: str, adapter: str, title: str, tmp_path: Path
) -> None:
    bodies = {
        ".md": f"# Rocket\n\n{SENTENCES}\n".encode(),
        ".html": f"<html><body><article><h1>Rocket</h1><p>{SENTENCES}</p></article></body></html>".encode(),
        ".pdf": pdf_file([PDF_LINES]),
        ".txt": SENTENCES.encode(),
    }
    path = tmp_path / name
    path.write_bytes(bodies[path.suffix])
    evidence = evidence_from_file(url, path)
    assert (evidence.url, evidence.adapter_name, evidence.title) == (url, adapter, title)
    assert evidence.coverage is Coverage.FULL, evidence.coverage_reason


def test_a_file_that_is_missing_or_of_another_kind_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        evidence_from_file("https://a.example/x", tmp_path / "x.html")
    (tmp_path / "x.docx").write_bytes(b"PK")
    with pytest.raises(SourceError, match=r"suffix '\.docx'; rename or convert it to one of \.htm"):
        evidence_from_file("https://a.example/x", tmp_path / "x.docx")


@pytest.mark.parametrize("name", ["dist:pytest", "pytest", "dist:PyTest"])
def test_an_installed_distribution_is_its_repositorys_readme(name: str) -> None:
    evidence = evidence_from_distribution(name)
    assert evidence.url == "https://github.com/pytest-dev/pytest"
    assert evidence.adapter_name == "github"
    assert evidence.snippets[0].section == "About"
    assert any("framework makes it easy to write small tests" in snippet.text for snippet in evidence.snippets)
    assert evidence.metadata["version"] == pytest.__version__


@pytest.mark.parametrize("name", ["dist:no-such-distribution-here", "dist:", "dist:../x"])
def test_a_distribution_that_is_not_installed_names_the_fix(name: str) -> None:
    with pytest.raises(DatasetError, match=r"is not installed.*pip install"):
        evidence_from_distribution(name)


def installed(tmp_path: Path, metadata: str) -> Distribution:
    folder = tmp_path / "rocket-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rocket\nVersion: 1.0\n{metadata}", encoding="utf-8")
    return Distribution.at(folder)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ("Project-URL: Source, https://github.com/acme/rocket", "https://github.com/acme/rocket"),
        ("Project-URL: Issues, https://github.com/acme/rocket/issues", "https://github.com/acme/rocket"),
        ("Project-URL: CI, https://github.com/acme/ci\nProject-URL: Source, https://github.com/acme/rocket", "https://github.com/acme/rocket"),
        ("Project-URL: Funding, https://github.com/sponsors/acme\nHome-page: http://www.github.com/acme/rocket.git", "https://github.com/acme/rocket"),
        ("Project-URL: Docs, https://rocket.example/github.com/acme/rocket", None),
        ("Project-URL: Source, https://github.com.evil.example/acme/rocket", None),
        ("Project-URL: Source, https://[broken", None),
        ("Home-page: UNKNOWN", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_repository_is_found_by_the_host_of_the_projects_urls(
    urls: str, expected: str | None, tmp_path: Path
) -> None:
    found = repository_of_distribution(installed(tmp_path, f"{urls}\n\nText.\n"))
    assert (found.url if found else None) == expected


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("\n# Rocket\n", "names no repository on github.com"),
        ("Project-URL: Source, https://github.com/acme/rocket\n\n", "has no description"),
        ("Project-URL: Source, https://github.com/acme/rocket\nDescription: UNKNOWN\n\n", "has no description"),
    ],
)
def test_a_distribution_without_repository_or_description_names_the_fix(
    metadata: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, metadata)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DatasetError, match=message):
        evidence_from_distribution("rocket")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM", f"# Rocket\n\n{SENTENCES}\n"),
        ("Description-Content-Type: text/x-rst", f"Rocket\n======\n\n{SENTENCES}\n"),
        ("X-Nothing: said", f"Rocket\n======\n\n{SENTENCES}\n"),
    ],
)
def test_the_description_is_read_in_the_language_it_declares(
    content_type: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, f"Project-URL: Source, https://github.com/acme/rocket\n{content_type}\n\n{body}")
    monkeypatch.syspath_prepend(str(tmp_path))
    evidence = evidence_from_distribution("dist:rocket")
    assert evidence.title == "Rocket"
    assert evidence.coverage is Coverage.FULL
    assert "====" not in evidence.text
