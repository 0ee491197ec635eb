"""The arXiv source against a server that plays the export API and the site."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from hostile_server import SENTENCES, LoopbackPlaysBoth, Request, answer, hostile_server, raw
from pdf_files import pdf_file
from technoshare_commentator.domain import Coverage, Evidence, Link
from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.fetching.fetch import Fetcher
from technoshare_commentator.retrieval.retriever import Retriever
from technoshare_commentator.retrieval.sources.arxiv import ArxivSource
from technoshare_commentator.retrieval.sources.webpage import WebpageSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hostile_server import Behaviour

LINK = "https://arxiv.org/abs/2601.01234v2"
ABSTRACT = "We present Weaver, a model with $10^{-3}$ errors. It maps words $\\to$ images."
ENTRY = f"""<entry><id>http://arxiv.org/abs/2601.01234v2</id><title>Weaver:
  Reading  Long Pages</title><summary>{ABSTRACT}</summary>
  <author><name>Ada Lind</name></author><author><name>Bo Ek</name></author>
  <published>2026-01-02T00:00:00Z</published><category term="cs.CL"/><category term="cs.IR"/>
  <arxiv:comment>12 pages</arxiv:comment></entry>"""
LONG = " ".join(SENTENCES.replace("storage engines", f"storage engines of kind {n}") for n in range(3))
PAPER = f"""<html><body><div class="package-alerts ltx_document"><p>HTML conversions sometimes display errors.</p></div>
<article class="ltx_document"><h1 class="ltx_title">Weaver: Reading Long Pages</h1>
<div class="ltx_authors">Ada Lind and Bo Ek wrote this paper together in the winter.</div>
<div class="ltx_abstract"><h6 class="ltx_title">Abstract</h6><p>We present Weaver, torn apart by conversion.</p></div>
<section><h2>1 Introduction</h2><p>{LONG} The rate is
<math alttext="\\lambda=0.5"><mi>x</mi></math> in all of them.</p>
<figure class="ltx_figure"><figcaption>Figure 1: The caption of a figure that nobody quotes.</figcaption></figure>
</section>
<section class="ltx_bibliography"><h2>References</h2>
<ul><li>Somebody. A paper that is cited here. 2020.</li></ul></section>
</article></body></html>"""


def atom(entry: str = ENTRY, head: str = "") -> Behaviour:
    namespaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    body = f'<?xml version="1.0" encoding="UTF-8"?>{head}<feed {namespaces}>{entry}</feed>'
    return answer(body=body.encode(), content_type="application/atom+xml; charset=UTF-8")


ROUTES: dict[str, Behaviour] = {"/api/query": atom(), "/html/2601.01234v2": answer(body=PAPER.encode())}


def read(routes: Mapping[str, Behaviour], url: str = LINK) -> tuple[Evidence, list[Request]]:
    async def scenario() -> tuple[Evidence, list[Request]]:
        async with hostile_server(routes) as server:
            source = ArxivSource(api_url=server.url(""), site_url=server.url(""))
            retriever = Retriever(Fetcher(policy=LoopbackPlaysBoth()), [source, WebpageSource()])
            return await retriever.retrieve(Link(url=url)), server.requests

    return asyncio.run(scenario())


def test_a_paper_gives_its_abstract_and_its_full_text() -> None:
    evidence, requests = read(ROUTES)
    assert evidence.adapter_name == "arxiv"
    assert evidence.title == "Weaver: Reading Long Pages"
    assert evidence.coverage is Coverage.FULL
    assert evidence.final_url == LINK
    first = evidence.snippets[0]
    assert first.section == "Abstract"
    assert first.text == "We present Weaver, a model with 10^-3 errors. It maps words → images."
    assert evidence.metadata["authors"] == "Ada Lind, Bo Ek"
    assert evidence.metadata["categories"] == "cs.CL, cs.IR"
    assert evidence.metadata["arxiv_id"] == "2601.01234v2"
    assert "The rate is λ=0.5 in all of them." in evidence.text
    assert {urlsplit(source).path for source in evidence.sources} == {"/api/query", "/html/2601.01234v2"}
    assert "/api/query?id_list=2601.01234v2&max_results=1" in [request.path for request in requests]


@pytest.mark.parametrize("noise", ["conversions", "torn apart", "in the winter", "nobody quotes", "is cited here"])
def test_what_is_not_the_papers_text_is_left_out(noise: str) -> None:
    assert noise in PAPER
    assert noise not in read(ROUTES)[0].text


def test_a_paper_without_html_is_read_from_its_pdf() -> None:
    lines = ["1 Introduction", *LONG.replace(". ", ".|").split("|")]
    pdf = answer(body=pdf_file([lines]), content_type="application/pdf")
    evidence, _ = read({"/api/query": atom(), "/pdf/2601.01234v2": pdf})
    assert evidence.coverage is Coverage.FULL
    assert evidence.snippets[-1].section == "1 Introduction"
    assert {urlsplit(source).path for source in evidence.sources} == {"/api/query", "/pdf/2601.01234v2"}


def test_a_page_that_only_says_there_is_no_html_is_not_taken_for_the_paper() -> None:
    excuse = answer(body=b"<html><body><p>No HTML is available for this paper. Please read its PDF file.</p></body>")
    evidence, _ = read({"/api/query": atom(), "/html/2601.01234v2": excuse})
    assert "No HTML is available" not in evidence.text
    assert "html: too little text" in evidence.coverage_reason


def test_an_abstract_alone_is_partial() -> None:
    evidence, _ = read({"/api/query": atom()})
    assert evidence.coverage is Coverage.PARTIAL
    assert evidence.coverage_reason.startswith("the paper's full text could not be reached (html: ")
    assert len(evidence.snippets) == 1


def test_a_full_text_without_record_is_partial() -> None:
    evidence, _ = read({**ROUTES, "/api/query": answer(503)})
    assert evidence.coverage is Coverage.PARTIAL
    assert "the paper's record could not be read" in evidence.coverage_reason
    assert evidence.title == "Weaver: Reading Long Pages"


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (atom(""), "knows no paper '2601.01234v2'"),
        (atom("<entry><id>http://arxiv.org/api/errors#bad</id><summary>bad id</summary></entry>"), "knows no paper"),
        (atom("<entry><title>No abstract</title></entry>"), "knows no paper"),
        (answer(body=b"<feed", content_type="application/atom+xml"), "not valid XML"),
        (answer(body=b"<html></html>"), "served as 'text/html'"),
        (raw(b""), "connection broke"),
    ],
    ids=["empty", "error entry", "no abstract", "broken", "html", "nothing"],
)
def test_a_paper_that_cannot_be_read_at_all_says_why(behaviour: Behaviour, message: str) -> None:
    with pytest.raises(FetchFailedError, match=message):
        read({"/api/query": behaviour})


def test_entities_in_the_record_are_neither_expanded_nor_fetched() -> None:
    bombs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE feed [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY e0 "bomb">{bombs}]>'
    entry = ENTRY.replace("12 pages", "&file;&e11;")
    evidence, _ = read({**ROUTES, "/api/query": atom(entry, head)})
    assert "root:" not in str(evidence.metadata)
    assert "bomb" not in str(evidence.metadata)


def test_an_old_identifier_is_asked_for_with_its_slash() -> None:
    routes = {"/api/query": atom(), "/html/hep-th/9901001": answer(body=PAPER.encode())}
    evidence, requests = read(routes, "http://export.arxiv.org/pdf/hep-th/9901001.pdf")
    assert evidence.coverage is Coverage.FULL
    assert "/api/query?id_list=hep-th/9901001&max_results=1" in [request.path for request in requests]
