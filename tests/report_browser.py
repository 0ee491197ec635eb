"""Reports of simulated sessions in a real Chromium, and what it has to say of them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from simulated_session import Plan, judged
from technoshare_commentator.mlops.evaluation.reporting.html import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_BROWSER = "neither chromium nor google-chrome is on the PATH"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
EXAMPLES = 8
_PLANS = {
    "single": Plan(examples=EXAMPLES, verdicts={"structure": 0.9, "numbers_supported": 0.6}),
    "variants": Plan(
        examples=EXAMPLES, variants={"small": 0.0, "large": 0.05}, trials=2, crash=0.02, task_error=0.05, not_run=1
    ),
    "thousand": Plan(examples=1000, verdicts={f"scorer_{number}": 0.99 for number in range(12)}),
}


@lru_cache
def report(kind: str) -> str:
    """The page of a session with one variant, with two of them and two trials, or with a thousand examples."""
    return render_html(*judged(_PLANS[kind], rules=("pass_rate >= 0.95",)))


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Visit:
    """An open page; `heard` is what its browser complained of and asked for."""

    page: Page
    heard: list[str]

    def focused(self, expression: str) -> Any:
        """The value of an expression about `it`, the element with the focus."""
        return self.page.evaluate(f"(() => {{ const it = document.activeElement; return {expression}; }})()")

    def wait_until_focused(self, condition: str) -> None:
        """Playwright's own waiting compiles text to code in the page, which the page's policy forbids."""
        for _ in range(250):
            if self.focused(condition):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"the focus did not come to {condition}; it is on {self.focused('it.outerHTML')}")

    def press_tab_until(self, condition: str) -> None:
        for _ in range(200):
            self.page.keyboard.press("Tab")
            if self.focused(condition):
                return
        raise AssertionError(f"no {condition} within 200 tabs")

    def open_everything(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@dataclass(frozen=True)
class Visitor:
    """Opens pages from files in `folder`, each in a browser profile of its own."""

    browser: Browser
    folder: Path

    def open(self, content: str, **how: Any) -> Visit:
        page = self.browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **how}).new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        file = self.folder / "report.html"
        file.write_text(content, encoding="utf-8")
        page.goto(file.as_uri(), wait_until="load")
        assert heard.pop(0) == file.as_uri()
        return Visit(page, heard)

    def leave(self) -> None:
        for context in self.browser.contexts:
            context.close()
