"""Accounts: imported, changed, left, looked at; roles and what is refused to those who have none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from pytest_django import Settings

from accounts.grants import grant
from accounts.importing.run import Import, Wishes
from accounts.models import Account
from audit.catalogue import EventName
from tests.accounts.files import HANA, Seen, a_row, write
from tests.audit.stages.staging import DOOR, PAGE, browser, stage
from tests.factories import an_affiliation
from tests.helpdesk.test_cases import a_case
from tests.methods.people import add_app
from tests.signin.door import enter_password


def imported(folder: Path, **cells: str) -> None:
    an_affiliation("science")
    Import(Wishes(), Seen()).run(write(folder / "people.csv", a_row(HANA, **cells)))


@stage(EventName.ACCOUNT_IMPORTED, on="0000000001", after="affiliation contact_address kind language name_en name_ja", reason=True)
def a_new_row(db: None, tmp_path: Path) -> Iterator[None]:
    yield
    imported(tmp_path)


@stage(EventName.ACCOUNT_UPDATED, on="0000000001", before="name_en", after="name_en", reason=True)
def a_changed_row(db: None, tmp_path: Path) -> Iterator[None]:
    imported(tmp_path)
    yield
    imported(tmp_path, name_en="Hana Mori")


@stage(EventName.ACCOUNT_LEFT, on="0000000001", before="left_at", after="left_at", reason=True)
def a_row_of_somebody_who_left(db: None, tmp_path: Path) -> Iterator[None]:
    imported(tmp_path)
    yield
    imported(tmp_path, status="left")


@stage(EventName.ACCOUNT_RETURNED, on="0000000001", before="left_at", after="left_at", reason=True)
def a_row_of_somebody_who_is_back(db: None, tmp_path: Path) -> Iterator[None]:
    imported(tmp_path)
    imported(tmp_path, status="left")
    yield
    imported(tmp_path)


@stage(EventName.ACCOUNT_NUMBER_GIVEN, on="hana", by="hana", at=DOOR, after="institution_number")
def the_number_of_the_card(hana: Account, settings: Settings) -> Iterator[None]:
    settings.MFA_FIRST_REGISTRATION_NUMBER, settings.MFA_FIRST_REGISTRATION_EMAIL = True, False
    client = browser()
    enter_password(client, hana)
    add_app(client)
    yield
    client.post("/signin/number/", {"number": "AB12345"})


@stage(EventName.PASSWORD_CHANGED, on="hana", reason=True)
def a_password_at_the_command_line(hana: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("accounts.management.commands.changepassword.getpass", lambda prompt: "sealed anew in 2 envelopes")
    yield
    call_command("changepassword", hana.common_id, reason="after the drill")


@stage(EventName.ACCOUNT_SEARCHED, by="hiro", at=PAGE, after="found text")
def a_search(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    desk.get("/helpdesk/", {"q": "hana"})


@stage(EventName.ACCOUNT_VIEWED, on="hana", by="hiro", at=PAGE)
def a_look_at_an_account(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    desk.get(reverse("helpdesk:account", args=[hana.common_id]))


@stage(EventName.ACCOUNTS_LISTED, by="hiro", at=PAGE, after="path shown")
def a_list_of_accounts(hana: Account, hiro: Account) -> Iterator[None]:
    a_case(hana)
    desk = browser(hiro)
    yield
    desk.get(reverse("helpdesk:cases"))


@stage(EventName.ACCESS_DENIED, on="hana", by="hana", at=PAGE, after="path right")
def a_page_that_is_closed(hana: Account) -> Iterator[None]:
    client = browser(hana)
    yield
    assert client.get("/audit/").status_code == 403


@stage(EventName.ROLE_GRANTED, on="hana", after="role", reason=True)
def a_role_by_the_operator(hana: Account) -> Iterator[None]:
    yield
    call_command("grant_role", hana.common_id, "helpdesk", reason="joined the desk")


@stage(EventName.ROLE_WITHDRAWN, on="hana", before="role", reason=True)
def a_role_taken_by_the_operator(hana: Account) -> Iterator[None]:
    grant(hana, "helpdesk", actor=None, reason="joined the desk")
    yield
    call_command("grant_role", hana.common_id, "helpdesk", withdraw=True, reason="left the desk")


@stage(EventName.AFFILIATION_CHANGED, by="ada", at=PAGE, before="name_en", after="affiliation name_en")
def an_affiliation_renamed(ada: Account) -> Iterator[None]:
    faculty, admin = an_affiliation("law"), browser(ada)
    yield
    page = reverse("admin:accounts_affiliation_change", args=[faculty.pk])
    assert admin.post(page, {"code": "law", "name_en": "Law School", "name_ja": faculty.name_ja}).status_code == 302
