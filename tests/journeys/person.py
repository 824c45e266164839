"""A person who follows the document, reading words on the screen and pressing what it names."""

from dataclasses import dataclass, field
from time import sleep, time

from playwright.sync_api import Locator, Page, expect

from tests.factories import app_code
from tests.journeys.stack import Site
from tests.journeys.words import words

PASSWORD = "journey-password"
STEP_SECONDS = 30
MAILED = [""]  # codes seen in the demo mailbox, which all journeys share


@dataclass
class Person:
    """One account holder at one browser; keeps what the phone would keep."""

    page: Page
    site: Site
    common_id: str
    language: str
    password: str = PASSWORD
    keys: list[str] = field(default_factory=list)
    last_step: int = 0
    last_code: str = ""

    def say(self, english: str) -> str:
        return words(self.language, english)

    def see(self, english: str) -> None:
        expect(self.page.get_by_text(self.say(english), exact=False).first).to_be_visible()

    def see_heading(self, english: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.say(english))

    def press(self, english: str) -> None:
        """The one button or link with these words: where there are two, somebody who follows the document is lost."""
        name = self.say(english)
        button: Locator = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).click()

    def fill(self, english: str, text: str) -> None:
        self.page.get_by_label(self.say(english), exact=False).first.fill(text)

    def sign_in(self) -> None:
        """Id, then password, on the form that is shown."""
        self.fill("Common ID", self.common_id)
        self.press("Next")
        self.fill("Password", self.password)
        self.press("Sign in")

    def app_code(self) -> str:
        """What the app shows, or will show in a moment: a code serves once, and one step ahead is still accepted."""
        step = max(self.last_step + 1, int(time()) // STEP_SECONDS)
        while step > int(time()) // STEP_SECONDS + 1:
            sleep(0.5)
        self.last_step = step
        return app_code(self.keys[-1], steps_ahead=step - int(time()) // STEP_SECONDS)

    def texted_code(self, number: str) -> str:
        self.last_code = self.site.code_texted_to(number, unlike=self.last_code)
        return self.last_code

    def scan(self) -> None:
        """The QR page: the app takes the key and shows its first code."""
        self.keys.append(self.page.locator("#qr-key").inner_text())
        self.last_step = 0
        self.fill("6-digit code", self.app_code())
        self.press("Next")

    def give_address(self) -> None:
        """Any provider, then the code that was sent to the address."""
        self.fill("Email address", f"{self.common_id}@mail.example.com")
        self.press("Next")
        self.confirm_address()

    def confirm_address(self) -> None:
        MAILED.append(self.site.code_mailed(unlike=MAILED[-1]))
        self.fill("6-digit code", MAILED[-1])
        self.press("Next")
