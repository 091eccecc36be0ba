"""How somebody works a page: with a pointer (`Hands`), or with nothing but a keyboard (`Keyboard`).

A test written for `Hands` runs with either. Fields are named by their label, as they are read.
"""

import re
from pathlib import Path

from playwright.async_api import Download, Locator, Page
from playwright.async_api import TimeoutError as NotThere

_MOST_STEPS = 150


def _label(words: str) -> re.Pattern[str]:
    """A beginning. The browser's own engine reads it, which wants fewer signs escaped than Python's."""
    return re.compile(r"^\s*" + re.sub(r"([().?*+])", r"\\\1", words))


class Hands:
    """Clicks, fills, checks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, words: str, *, exact: bool = True) -> None:
        """A button or a link of the page's own content; not `exact`: one that has these words."""
        await self._act(await self._pressable(words, exact))

    async def menu(self, words: str) -> None:
        """An entry of the menu, opened first where it is folded."""
        entry = self.page.get_by_role("navigation", name="Menu du site").get_by_role(
            "link", name=words, exact=True
        )
        if not await entry.is_visible():
            await self._act(self.page.get_by_role("button", name="menu"))
        await self._act(entry)

    async def download(self, words: str) -> Download:
        async with self.page.expect_download() as found:
            await self.press(words)
        return await found.value

    async def write(self, label: str, text: str, within: Locator | None = None) -> None:
        await self._write((within or self.page.locator("main")).get_by_label(_label(label)), text)

    async def day(self, legend: str, written: str) -> None:
        group = self.page.get_by_role("group", name=legend)
        for label, text in zip(("Jour", "Mois", "Année"), written.split("/"), strict=True):
            await self.write(label, text, group)

    async def choose(self, *labels: str) -> None:
        """Radio buttons and boxes to tick."""
        for label in labels:
            await self._choose(self.page.locator("main").get_by_label(label, exact=True))

    async def answer(self, question: str, label: str) -> None:
        """One of the choices of a question, where another has the same."""
        group = self.page.get_by_role("group", name=question)
        await self._choose(group.get_by_label(label, exact=True))

    async def pick(self, label: str, option: str) -> None:
        """One of a list that opens."""
        await self._pick(self.page.get_by_label(_label(label)), option)

    async def give(self, label: str, *files: Path) -> None:
        await self._give(self.page.get_by_label(_label(label)), list(files))

    async def _pressable(self, words: str, exact: bool = True) -> Locator:
        main = self.page.locator("main")
        button = main.get_by_role("button", name=words, exact=exact)
        found = button.or_(main.get_by_role("link", name=words, exact=exact)).first
        try:
            await found.wait_for(timeout=10_000)
        except NotThere:
            raise AssertionError(f"« {words} » is not on {self.page.url}") from None
        return found

    async def _act(self, target: Locator) -> None:
        await target.click()

    async def _write(self, field: Locator, text: str) -> None:
        await field.fill(text)

    async def _choose(self, field: Locator) -> None:
        await field.check()

    async def _pick(self, field: Locator, option: str) -> None:
        await field.select_option(label=option)

    async def _give(self, field: Locator, files: list[Path]) -> None:
        await field.set_input_files(files)


class Keyboard(Hands):
    """Tab, arrows, Space, Enter and letters; nothing is clicked and no value is set from outside."""

    async def _act(self, target: Locator) -> None:
        await self._reach(target)
        await self.page.keyboard.press("Enter")

    async def _write(self, field: Locator, text: str) -> None:
        await self._reach(field)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.type(text)

    async def _choose(self, field: Locator) -> None:
        if await field.get_attribute("type") == "radio":
            await self._choose_radio(field)
        elif not await field.is_checked():
            await self._reach(field)
            await self.page.keyboard.press("Space")
        assert await field.is_checked()

    async def _choose_radio(self, field: Locator) -> None:
        """Tab stops once at a group; the arrows go through it."""
        name = await field.get_attribute("name")
        for _ in range(_MOST_STEPS):
            if await self._has_focus(field):
                break
            inside = await self.page.evaluate("name => document.activeElement.name === name", name)
            await self.page.keyboard.press("ArrowDown" if inside else "Tab")
        else:
            raise AssertionError(f"the keyboard does not reach the choice {name}")
        await self.page.keyboard.press("Space")

    async def _pick(self, field: Locator, option: str) -> None:
        """Its first letters lead near it, the arrow does the rest."""
        await self._reach(field)
        await self.page.keyboard.type(option[:8])
        for _ in range(_MOST_STEPS):
            if await field.evaluate("field => field.selectedOptions[0].label") == option:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the keyboard does not reach the choice « {option} »")

    async def _give(self, field: Locator, files: list[Path]) -> None:
        """By Space: Enter would send the form."""
        await self._reach(field)
        async with self.page.expect_file_chooser() as opening:
            await self.page.keyboard.press("Space")
        await (await opening.value).set_files(files)

    async def _reach(self, target: Locator) -> None:
        for _ in range(_MOST_STEPS):
            if await self._has_focus(target):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    async def _has_focus(self, target: Locator) -> bool:
        return bool(await target.evaluate("element => element === document.activeElement"))
