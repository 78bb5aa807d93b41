"""Looks at a page as the rules say: axe, width, the console; and keeps a picture, if asked, for people to look at."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Response

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.map(v => `${v.id}: ${v.help} ${v.nodes.map(n => n.target.join(" ")).join(" | ")}`);
}"""
AT_REST = """() => Promise.all(document.getAnimations()
  .filter(a => a.effect.getComputedTiming().iterations !== Infinity).map(a => a.finished))"""
WIDER_THAN_SCREEN = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const cut = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (["auto", "hidden", "scroll"].includes(getComputedStyle(p).overflowX)) return true; return false; };
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !cut(e))
    .map(e => e.tagName.toLowerCase() + "." + e.className).concat([`${document.documentElement.scrollWidth} px`]);
}"""
BOX_SCROLLS = """() => [...document.querySelectorAll(".panel--flush, .ds-details")]
  .filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.getAttribute("aria-label") || e.className}: ${e.scrollWidth} px in ${e.clientWidth}`)"""
DESKTOP, PHONE, SMALLEST = (1366, 900), (390, 844), (320, 640)
ANSWERED_ON_PURPOSE = re.compile(r"Failed to load resource: .* status of (400|401|403|404|409|410|422) ")


class Eye:
    """Sees everything that is wrong on the pages it is shown; `faults` lists it."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where the pictures go; without one none are taken."""
        self.folder = folder
        self.faults: list[str] = []
        self.seen: set[str] = set()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def watch(self, page: Page) -> None:
        """Note errors in the console (a breach of the CSP is one) and answers that the server broke on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not ANSWERED_ON_PURPOSE.match(message.text):
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url}: {response.status}")

    def look(self, page: Page, name: str) -> None:
        """Look at the page on a desk and in a hand, and see that nothing is cut off on the smallest screen."""
        before = page.viewport_size
        assert before is not None
        assert name not in self.seen, f"two pictures called {name}"
        self.seen.add(name)
        page.evaluate(AXE)
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(AT_REST)
            self.faults += [f"{name} at {width}: {v}" for v in page.evaluate(RUN_AXE, list(RULES))]
            if self.folder is not None:
                path = self.folder / f"{name}-{width}.jpg"
                page.screenshot(path=path, full_page=True, type="jpeg", quality=85)
            self._width(page, name, width)
            if width == PHONE[0]:
                self._boxes(page, name)
        page.set_viewport_size({"width": SMALLEST[0], "height": SMALLEST[1]})
        self._width(page, name, SMALLEST[0])
        page.set_viewport_size(before)

    def _width(self, page: Page, name: str, width: int) -> None:
        wide = page.evaluate(WIDER_THAN_SCREEN)
        if wide:
            self.faults.append(f"{name} at {width}: wider than the screen: {', '.join(wide)}")

    def _boxes(self, page: Page, name: str) -> None:
        """In a hand nothing is read by pushing a box sideways: a wide table is cards."""
        self.faults += [f"{name} in a hand: a box scrolls: {box}" for box in page.evaluate(BOX_SCROLLS)]

    def report(self) -> None:
        """AssertionError with everything that was seen, if anything was."""
        found, self.faults = sorted(set(self.faults)), []
        assert not found, "\n".join(found)
