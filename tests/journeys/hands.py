"""How a person works a page: with the mouse, or with the keyboard alone."""

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 80


class Mouse:
    """Presses what it sees."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str) -> None:
        """The button or link with these words in the page's main part."""
        self._click(self._control(name))

    def fill(self, label: str, text: str) -> None:
        self._type(self.page.get_by_label(label).first, text)

    def check(self, label: str) -> None:
        self._check(self.page.get_by_label(label).first)

    def choose(self, label: str, option: str) -> None:
        self._choose(self.page.get_by_label(label), option)

    def _control(self, name: str) -> Locator:
        main = self.page.locator("#main")
        return main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first

    def _click(self, target: Locator) -> None:
        target.click()

    def _type(self, target: Locator, text: str) -> None:
        target.fill(text)

    def _check(self, target: Locator) -> None:
        target.check()

    def _choose(self, target: Locator, option: str) -> None:
        target.select_option(label=option)


class Keyboard(Mouse):
    """Tab until it is reached, then Enter, Space, arrows and letters."""

    def _reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab on {self.page.url}")

    def _click(self, target: Locator) -> None:
        self._reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _type(self, target: Locator, text: str) -> None:
        self._reach(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def _check(self, target: Locator) -> None:
        """Of a group, Tab reaches the one that is chosen; arrows choose another."""
        group = self.page.locator(f"[name='{target.get_attribute('name')}']")
        self._reach(group.and_(self.page.locator(":checked")))
        for _ in range(group.count()):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{target} is not chosen by arrows")

    def _choose(self, target: Locator, option: str) -> None:
        self._reach(target)
        self.page.keyboard.press("Home")
        for _ in range(target.locator("option").count()):
            if target.evaluate("one => one.selectedOptions[0].label.trim()") == option:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{option} is not chosen by arrows")
