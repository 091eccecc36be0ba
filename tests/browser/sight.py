"""What a test asks of every page: axe, no overflow, nothing refused by the policy; and its picture.

`look_at` keeps a screenshot at 360 px and at desktop width under `.local/screens/`, for people to look at.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page

from tests.plain import plain

REFLOW = 320
"""A desktop of 1280 pixels magnified four times."""
PHONE = 360
DESKTOP = 1280
_HEIGHT = 800
SCREENS = Path(__file__).parents[2] / ".local" / "screens"
_AXE = (
    Path(__file__).parents[2] / "services" / "chassis" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Visitor:
    """One browser window. `complaints` are what its console and its scripts objected to."""

    context: BrowserContext
    page: Page
    origin: str
    javascript: bool
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def at(cls, context: BrowserContext, origin: str, *, javascript: bool) -> "Visitor":
        found = cls(context, await context.new_page(), origin, javascript)
        found.page.on("console", found._console)
        # Somebody always listens: Playwright takes hold of the choice of files only then, and a moment late.
        found.page.on("filechooser", lambda _: None)
        found.page.on("pageerror", lambda error: found.complaints.append(f"script: {error.message}"))
        return found

    async def goto(self, path: str) -> int:
        """Open an address of the site (or a whole one, from a mail); the status of the answer."""
        answer = await self.page.goto(path if path.startswith("http") else self.origin + path)
        assert answer is not None
        return answer.status

    def _console(self, message: ConsoleMessage) -> None:
        # The console reports each answer of 400 and above; those are the test's own business.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


async def look_at(visitor: Visitor, name: str) -> None:
    """Judge the page as it is, at both widths; keep what it looks like as `name`.

    Raises:
        AssertionError: axe found something, something is wider than the phone, or the console complained.
    """
    SCREENS.mkdir(parents=True, exist_ok=True)
    async with judged(visitor) as page:
        for width, label in ((PHONE, "360"), (DESKTOP, "large")):
            for one in {visitor.page, page}:
                await one.set_viewport_size({"width": width, "height": _HEIGHT})
            await visitor.page.screenshot(path=SCREENS / f"{name}-{label}.png", full_page=True)
            found = await violations(page)
            assert found == [], "\n".join([f"axe, {name} at {width} px", *found])
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide at {width} px"
    assert visitor.complaints == [], name


@asynccontextmanager
async def judged(visitor: Visitor) -> AsyncIterator[Page]:
    """Where the test's own scripts can run: of a window without JavaScript, a copy of its page."""
    if visitor.javascript:
        yield visitor.page
        return
    browser = visitor.context.browser
    assert browser is not None
    context = await browser.new_context(viewport=visitor.page.viewport_size)
    copy = await context.new_page()
    html = await visitor.page.content()
    await copy.route("**/*.js", lambda route: route.abort())
    await copy.route(visitor.page.url, lambda route: route.fulfill(body=html, content_type="text/html"))
    await copy.goto(visitor.page.url)
    yield copy
    await context.close()


async def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, and its good practice: rule and elements."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text())
    options = json.dumps(
        {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"], "elementRef": False}
    )
    # What is in order is by far the most of it, and would travel too.
    found: list[dict[str, Any]] = await page.evaluate(f"axe.run(document, {options}).then(r => r.violations)")
    return [f"{violation['id']}: {node['html'][:200]}" for violation in found for node in violation["nodes"]]


async def focused(page: Page) -> str:
    """The words of what has the keyboard's focus, for tests that walk with the keyboard alone."""
    return plain(
        str(
            await page.evaluate(
                "(({innerText, id, tagName}) => (innerText || id || tagName).trim())(document.activeElement)"
            )
        )
    )


async def gets_focus(page: Page, words: str, seconds: float = 10) -> None:
    """Wait until the focus is on something that says `words`: a script may set it after the page is there."""
    until = time.monotonic() + seconds
    while words not in (found := await focused(page)):
        if time.monotonic() > until:
            raise AssertionError(f"the focus is on « {found} », not on « {words} »")
        await asyncio.sleep(0.05)


async def walk_to(page: Page, words: str, steps: int = 60) -> None:
    """Press Tab until the focus is on what says `words`."""
    for _ in range(steps):
        await page.keyboard.press("Tab")
        if await focused(page) == words:
            return
    raise AssertionError(f"the keyboard does not reach « {words} » within {steps} steps")
