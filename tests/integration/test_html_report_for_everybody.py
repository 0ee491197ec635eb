"""The report by keyboard, by screen reader, on a phone, in both colour schemes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from hostile_session import session_of
from report_browser import CHROMIUM, DESKTOP, NO_BROWSER, PHONE, Visitor, chromium, report
from technoshare_commentator.mlops.evaluation.reporting.html import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

# Of every visible element with text of its own: the colours of its text and of what lies under it, and which it is.
COLOURS = """
() => [...document.querySelectorAll("body *")]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => one.checkVisibility() && !one.closest(".vh, script, style, title, desc"))
  .map((one) => {
    const ground = (it) => getComputedStyle(it).backgroundColor;
    let under = one;
    while (ground(under) === "rgba(0, 0, 0, 0)" && under.parentElement) under = under.parentElement;
    const style = getComputedStyle(one);
    const ink = one.closest("svg") ? style.fill : style.color;
    return [ink, ground(under), `${one.tagName}.${one.getAttribute("class")}`];
  })
"""

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


def luminance(colour: tuple[float, ...]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio, of two colours as `rgb(1, 2, 3)`."""
    values = [tuple(int(part) / 255 for part in one[4:-1].split(",")) for one in (ink, ground)]
    lighter, darker = sorted(map(luminance, values), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_a_case_opens_from_the_matrix_by_keyboard_and_leads_back(visitor: Visitor) -> None:
    visit = visitor.open(report("variants"))
    visit.press_tab_until("it.closest('#matrix td') && it.matches('.failed')")
    anchor = visit.focused("it.hash.slice(1)")
    visit.page.keyboard.press("Enter")
    visit.wait_until_focused("it.closest('#cases')")
    assert visit.focused("it.id") == anchor
    assert visit.page.locator(f"#{anchor} .scores").is_visible()
    assert 0 < visit.focused("it.getBoundingClientRect().top") < DESKTOP["height"]
    visit.page.locator(f"details:has(#{anchor}) .back a").first.focus()
    visit.page.keyboard.press("Enter")
    visit.wait_until_focused("it.closest('#matrix th')")


def test_a_row_s_link_opens_its_example_with_tab_and_enter_alone(visitor: Visitor) -> None:
    visit = visitor.open(report("single"))
    visit.press_tab_until("it.matches('#matrix th a')")
    visit.page.keyboard.press("Enter")
    visit.wait_until_focused("it.closest('#cases')")
    visit.press_tab_until("it.textContent.includes('its row in the matrix')")
    visit.page.keyboard.press("Enter")
    visit.wait_until_focused("it.matches('#matrix th a')")


def test_tab_comes_to_the_end_of_the_page_and_shows_where_it_is(visitor: Visitor) -> None:
    visit = visitor.open(report("single"))
    visit.page.keyboard.press("Tab")
    assert visit.focused("it.textContent") == "Skip to the report"
    unseen = []
    for _ in range(200):
        visit.page.keyboard.press("Tab")
        if visit.focused("it === document.body"):
            break
        ring = visit.focused("getComputedStyle(it.matches('[type=radio]') ? it.parentElement : it).outlineStyle")
        unseen += [visit.focused("it.outerHTML")] if ring == "none" else []
    else:
        pytest.fail("the keyboard is trapped")
    assert unseen == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("kind", ["single", "variants", "long words"])
def test_the_page_never_scrolls_sideways(visitor: Visitor, viewport: dict[str, int], kind: str) -> None:
    content = render_html(*session_of("w" * 300)) if kind == "long words" else report(kind)
    visit = visitor.open(content, viewport=viewport)
    visit.open_everything()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_screen_readers_find_landmarks_and_names(visitor: Visitor) -> None:
    visit = visitor.open(report("variants"))
    visit.open_everything()
    session = visit.page.context.new_cdp_session(visit.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    assert {"banner", "navigation", "main", "search"} <= {role for role, _ in found}
    named = {"table", "region", "image", "link", "button", "radio", "searchbox", "navigation", "search"}
    assert [one for one in found if one[0] in named and not one[1].strip()] == []
    assert ("table", "What each scorer said of each example") in found
    assert any(name.startswith("Pass rate of brevity A:") for role, name in found if role == "image")


def test_headings_and_tables_are_in_order(visitor: Visitor) -> None:
    page = visitor.open(report("variants")).page
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((one) => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert page.locator("table:not(:has(caption)), th:not([scope])").count() == 0
    assert page.locator("#shown").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("kind", ["single", "variants"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visitor: Visitor, kind: str, scheme: str) -> None:
    visit = visitor.open(report(kind), color_scheme=scheme)
    visit.open_everything()
    pairs = visit.page.evaluate(COLOURS)
    assert len(pairs) > 300
    assert {(kind, ink, ground) for ink, ground, kind in pairs if contrast(ink, ground) < 4.5} == set()


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21.0)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)
