"""A new administrator on an empty site, by the words on the screen: to “off-campus only for students, every sign-in for staff, security keys
for administrators, report-only first”, and what the rules on trial would have done."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from audit.models import Event
from policies.current import current_book
from policies.models import PolicyVersion, Replay
from policies.models.versions import VersionState
from policies.replaying import run
from policies.rulebook.content import Asks, Mode, Part, Place
from policies.switching import approve
from tests.factories import PASSWORD, a_totp_app, an_account, app_code
from tests.journeys.browser import Visitor, visitor
from tests.signin.door import enter_password

pytestmark = pytest.mark.django_db(transaction=True)
CAMPUS, ABROAD = "192.0.2.7", "203.0.113.9"


@dataclass
class Newcomer:
    """Reads, fills in and presses; nothing else."""

    page: Page

    @property
    def main(self) -> Locator:
        return self.page.locator("#main")

    def press(self, words: str) -> None:
        self.main.get_by_role("button", name=words, exact=True).or_(self.main.get_by_role("link", name=words, exact=True)).first.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def check(self, group: str, *labels: str) -> None:
        for label in labels:
            self.page.get_by_role("group", name=group).get_by_label(label, exact=True).check()

    def see(self, *words: str) -> None:
        for one in words:
            expect(self.main.get_by_text(one, exact=False).first).to_be_visible()

    def keep(self, name: str, said: str) -> None:
        """The names of a part of the policy, and the button below the form."""
        self.fill("Name in English", name)
        self.fill("Name in Japanese", f"{name}（日本語）")
        self.press("Keep in the draft")
        self.see(said)


@pytest.fixture
def newcomer(chromium: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Newcomer]:
    """The account was imported, the role given on the server; nothing else was ever done on this site."""
    settings.MFA_FIRST_REGISTRATION, settings.MFA_CAMPUS_NETWORKS = "networks", ["127.0.0.0/8", "::1/128"]
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    account = an_account("1000000001", kind="staff")
    call_command("grant_role", account.common_id, "administrator")
    one: Visitor = visitor(chromium, live_server.url)
    yield Newcomer(one.page)
    one.context.close()
    one.no_complaints()


def arrive(person: Newcomer) -> None:
    """The first sign-in ever, with an app as the first method."""
    person.page.goto("/policies/")
    person.fill("Common ID", "1000000001")
    person.press("Next")
    person.fill("Password", PASSWORD)
    person.press("Sign in")
    person.page.goto("/security-info/totp/")
    person.press("Next")
    person.fill("6-digit code", app_code(person.page.locator("#qr-key").inner_text()))
    person.press("Next")
    person.press("Complete")
    person.page.get_by_role("link", name="Policies").first.click()
    person.see("No version has been switched on yet", "Begin a draft")


def draft_it(person: Newcomer) -> None:
    """Campus networks, the preset that is named like what is wanted, made narrower; two rules more, in their order."""
    person.press("Begin a draft")
    person.press("Add a network")
    person.check("Kind", "Campus")
    person.fill("Ranges of addresses", "192.0.2.0/24 # main building\n2001:db8:1::/48")
    person.keep("Main campus", "Main campus")
    person.page.get_by_text("Begin with a preset").click()
    person.main.get_by_role("button", name="Only from outside the campus").click()
    for name in ("From outside the campus", "On campus"):
        person.press(f"Change {name}")
        person.check("Kinds of account", "Student")
        person.press("Keep in the draft")
    person.see("Student, from outside the campus: a verification is asked for.")
    person.press("Add a rule (Sign-in)")
    person.check("What is asked", "A verification is asked for")
    person.check("Kinds of account", "Staff", "Faculty")
    person.keep("Staff always", "Faculty or Staff: a verification is asked for.")
    person.press("Add a rule (Sign-in)")
    person.check("What is asked", "A security key or passkey is asked for")
    person.check("Roles on this site", "Administrator")
    person.keep("Keys for administrators", "with the role Administrator: a security key or passkey is asked for.")
    for _ in range(3):
        person.press("Up Keys for administrators")


def to_report_only(person: Newcomer) -> None:
    person.page.get_by_text("Begin with a preset").click()
    person.main.get_by_role("button", name="Report only").click()
    person.press("Switch on …")
    person.fill("Reason", "On trial until the end of the term")
    person.press("Switch on")
    person.see("somebody else has to switch it on", "Nobody else here could decide")  # the first method may now be registered from there
    second = an_account("1000000002", name_en="Eva Second")
    a_totp_app(second)
    call_command("grant_role", second.common_id, "administrator")
    waiting = PolicyVersion.objects.get(state=VersionState.WAITING)
    approve(waiting.number, waiting.edits, actor=second)
    person.press("In force")
    person.see("in force since", "Some rules only report")


def a_student_comes(address: str) -> Account:
    student = an_account(kind="student")
    a_totp_app(student)
    enter_password(Client(REMOTE_ADDR=address), student, next_path="/my-account/")
    return student


@pytest.mark.covers("S-101", "S-102", "C-02")
def test_from_an_empty_site_to_rules_that_only_report(newcomer: Newcomer) -> None:
    arrive(newcomer)
    draft_it(newcomer)
    to_report_only(newcomer)
    book = current_book()
    trial = [rule for rule in book.rules if rule.part is Part.SIGN_IN and rule.mode is Mode.REPORT]
    assert [(str(rule), rule.asks) for rule in trial] == [
        ("Keys for administrators", Asks.STRONG),
        ("From outside the campus", Asks.VERIFY),
        ("On campus", Asks.NONE),
        ("Staff always", Asks.VERIFY),
    ]
    assert [(rule.place, rule.kinds) for rule in trial[1:3]] == [(Place.OUTSIDE, {"student"}), (Place.CAMPUS, {"student"})]
    assert (trial[0].roles, trial[3].kinds) == ({"administrator"}, {"staff", "faculty"})
    on_campus, abroad = a_student_comes(CAMPUS), a_student_comes(ABROAD)
    kept = {
        event.account_id: event.after for event in Event.objects.filter(name="password:accepted", account_id__in=[on_campus.pk, abroad.pk])
    }
    assert kept[on_campus.pk]["reported"] == book.ref(trial[2]), "the trial would have let the student in"
    assert "reported" not in kept[abroad.pk], "outside, the trial asks for what is asked already"
    what_if_says_it(newcomer, on_campus)
    the_dry_run_says_it(newcomer)


def what_if_says_it(person: Newcomer, student: Account) -> None:
    person.press("What if")
    person.fill("Common ID", student.common_id)
    person.fill("Network address", CAMPUS)
    person.press("Ask")
    person.see("A verification is asked for", "If the rules that only report counted: Signed in with the password alone, by “On campus”.")


def the_dry_run_says_it(person: Newcomer) -> None:
    person.press("In force")
    person.press("Try them on past sign-ins")
    person.press("Begin a dry run")
    replay = Replay.objects.get()
    run(replay.uid, until=replay.made_at.replace(year=2100))  # as a worker does
    person.page.reload()
    person.see("Asked less", "Without a usable method")
    person.main.get_by_role("link", name="Download the list").wait_for()
