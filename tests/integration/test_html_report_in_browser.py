from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from hostile_session import HOSTILE, session_of
from report_browser import CHROMIUM, EXAMPLES, NO_BROWSER, Visitor, chromium, report
from technoshare_commentator.mlops.evaluation.reporting.html import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def visitor(browser: Browser, tmp_path: Path) -> Iterator[Visitor]:
    made = Visitor(browser, tmp_path)
    yield made
    made.leave()


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server that a page has no business with: its address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def shown_rows(page: Page) -> list[str]:
    return page.locator("#matrix tbody tr:visible th a").all_text_contents()


@pytest.mark.parametrize("kind", ["single", "variants"])
def test_it_opens_without_a_complaint_and_asks_for_nothing(visitor: Visitor, kind: str) -> None:
    visit = visitor.open(report(kind))
    visit.page.get_by_text("Open those shown").click()
    visit.page.wait_for_timeout(200)
    assert visit.page.locator("#cases > details[open]").count() == EXAMPLES
    assert visit.heard == []


def test_hostile_text_does_nothing(visitor: Visitor) -> None:
    visit = visitor.open(render_html(*session_of("".join(HOSTILE))))
    visit.open_everything()
    assert visit.page.evaluate("window.hacked") is None
    assert visit.page.evaluate("document.scripts.length") == 1
    found = (
        "document.querySelectorAll('img, iframe, object, [onerror], [onmouseover], [style], [href^=\"java\"]').length"
    )
    assert visit.page.evaluate(found) == 0
    assert visit.heard == []


def test_even_markup_that_got_through_runs_and_loads_nothing(visitor: Visitor, stranger: tuple[str, list[str]]) -> None:
    address, asked = stranger
    smuggled = (
        f"<script>window.hacked = 1</script><img src={address}/image onerror='window.hacked = 2'>"
        f"<script src={address}/script></script><link rel=stylesheet href={address}/style>"
        f"<style>@import '{address}/import';</style><iframe src={address}/frame></iframe>"
    )
    visit = visitor.open(report("single").replace("</main>", f"{smuggled}</main>"))
    visit.page.evaluate(f"fetch('{address}/fetch').catch(() => null)")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate("window.hacked") is None
    assert asked == []
    assert any("Content Security Policy" in one for one in visit.heard)


def test_a_filter_keeps_the_examples_that_failed(visitor: Visitor) -> None:
    page = visitor.open(report("single")).page
    everything = shown_rows(page)
    page.get_by_role("radio", name="Failed").check()
    failed = shown_rows(page)
    assert 0 < len(failed) < len(everything) == EXAMPLES
    assert page.locator("#cases > details:visible h4").all_text_contents() == failed
    assert page.locator("#cases > details.passed:visible").count() == 0
    assert page.locator("#shown").text_content() == f"{len(failed)} of {EXAMPLES} examples"
    page.get_by_role("radio", name="All").check()
    assert shown_rows(page) == everything


def test_a_filter_finds_words_in_ids_and_tags(visitor: Visitor) -> None:
    page = visitor.open(report("single")).page
    words = page.get_by_role("searchbox")
    words.fill("GITHUB 00")
    assert shown_rows(page) == ["example-001", "example-004", "example-007"]
    words.fill("no such thing")
    assert shown_rows(page) == []
    assert page.get_by_text("No example fits the filter.").is_visible()


def test_a_link_to_a_case_that_is_filtered_out_shows_it(visitor: Visitor) -> None:
    page = visitor.open(report("single")).page
    page.get_by_role("searchbox").fill("no such thing")
    link = page.locator("#gate a").first
    link.click()
    assert page.locator("#cases > details[open] h4").all_text_contents() == link.all_text_contents()
    assert len(shown_rows(page)) == EXAMPLES


def test_a_click_anywhere_in_a_row_opens_its_case(visitor: Visitor) -> None:
    page = visitor.open(report("single")).page
    page.locator("#matrix tbody tr").nth(3).locator("td").last.click()
    assert page.locator("#cases > details[open] h4").all_text_contents() == ["example-003"]


def test_without_javascript_everything_is_there_and_links_open_cases(visitor: Visitor) -> None:
    page = visitor.open(report("single"), java_script_enabled=False).page
    assert page.locator("#matrix tbody tr:visible").count() == EXAMPLES
    assert page.locator("#cases > details:visible").count() == EXAMPLES
    assert not page.locator(".filters").is_visible()
    page.locator("#matrix tbody th a").first.click()
    assert page.locator("#cases > details").first.locator(".scores").is_visible()


def test_on_paper_nothing_is_behind_a_scroll_bar(visitor: Visitor) -> None:
    page = visitor.open(report("single"), viewport={"width": 1280, "height": 300}).page
    hidden = "(() => { const it = document.querySelector('.grid'); return it.scrollHeight - it.clientHeight; })()"
    assert page.evaluate(hidden) > 1
    page.emulate_media(media="print")
    assert page.evaluate(hidden) <= 1
    assert not page.locator(".filters").is_visible()


def test_a_page_for_a_thousand_examples_is_soon_there_and_filters_at_once(visitor: Visitor) -> None:
    page = visitor.open(report("thousand")).page
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    filtered = page.evaluate(
        "(() => { const start = performance.now(); document.querySelector('[value=failed]').click();"
        " document.body.offsetHeight; return performance.now() - start; })()"
    )
    assert 0 < len(shown_rows(page)) < 1000
    assert loaded < 10_000  # milliseconds; a second or two on a machine that does nothing else
    assert filtered < 2_000
