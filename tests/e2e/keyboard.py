"""Somebody without a mouse: Tab to get there, Enter and Space to act, arrows within a group, and what they type."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

MOST = 150
"""Presses of a key before something is out of reach."""
HAS_FOCUS = "e => e === document.activeElement"
SHOWS_FOCUS = """e => [e, e.closest(".ds-field")]
  .some(one => one && getComputedStyle(one).outlineStyle !== "none")"""
"""The frame stands around a radio button's whole field."""


class Keyboard:
    """Works on the page with keys alone."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._chosen: list[Path] = []
        # The dialog is the browser's own: who answers it must be there before it is opened.
        page.on("filechooser", lambda dialog: dialog.set_files(self._chosen))

    def to(self, target: Locator) -> None:
        """Go on with the Tab key until the target has the focus, which must show."""
        self._press_until("Tab", target)
        assert target.first.evaluate(SHOWS_FOCUS), f"the focus does not show on {target}"

    def enter(self, target: Locator) -> None:
        """Follow a link, or press a button with Enter."""
        self.to(target)
        self._page.keyboard.press("Enter")

    def space(self, target: Locator) -> None:
        """Press a button with the space bar."""
        self.to(target)
        self._page.keyboard.press("Space")

    def choose(self, group: Locator, label: str) -> None:
        """Choose among the radio buttons of a group: Tab to the first, arrows to the one."""
        radios = group.get_by_role("radio")
        self.to(radios.first)
        self._page.keyboard.press("Space")
        self._press_until("ArrowDown", group.get_by_role("radio", name=label))
        expect(group.get_by_role("radio", name=label)).to_be_checked()

    def pick(self, select: Locator, label: str) -> None:
        """Pick an option of a drop-down by its first letters."""
        self.to(select)
        self._page.keyboard.type(label)
        expect(select.locator("option:checked")).to_have_text(label)

    def write(self, field: Locator, text: str) -> None:
        """Write in a field, in place of what stands there."""
        self.to(field)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)

    def give(self, field: Locator, files: Sequence[Path]) -> None:
        """Open the dialog of a field for files with Enter, and choose these in it."""
        self._chosen = list(files)
        self.enter(field)
        expect(field).not_to_have_value("")

    def _press_until(self, key: str, target: Locator) -> None:
        expect(target.first).to_be_visible()
        for _ in range(MOST):
            if target.first.evaluate(HAS_FOCUS):
                return
            self._page.keyboard.press(key)
        raise AssertionError(f"the keyboard does not reach {target}")
