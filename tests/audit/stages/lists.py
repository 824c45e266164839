"""Work on a list of accounts, and what one member of staff may do before others are told."""

from collections.abc import Iterator

from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Account
from audit.catalogue import EventName
from helpdesk import bulk, velocity
from helpdesk.models import BulkJob
from helpdesk.tasks import work_on_lists
from tests.audit.stages.staging import PAGE, browser, stage
from tests.factories import an_account
from tests.helpdesk.conftest import REASON
from tests.helpdesk.lists import a_list, people, post, running

FACTS = "action bulk count done failed"


def asked_for(sato: Account) -> BulkJob:
    """Yuki asks for the sessions of two people to be ended."""
    job = a_list(people(2), sato)
    bulk.ask(job, actor=sato)
    return job


@stage(EventName.BULK_REQUESTED, by="sato", at=PAGE, after=FACTS, reason=True)
def a_list_that_is_asked_for(sato: Account) -> Iterator[None]:
    job, desk = a_list(people(2), sato), browser(sato)
    yield
    post(desk, job, "ask")


@stage(EventName.BULK_APPROVED, by="ada", at=PAGE | {"approver"}, after=f"{FACTS} requested_by", reason=True)
def a_list_to_which_a_second_person_says_yes(sato: Account, ada: Account) -> Iterator[None]:
    job, second = asked_for(sato), browser(ada)
    yield
    post(second, job, "approve")


@stage(EventName.BULK_REFUSED, by="ada", at=PAGE, after=FACTS, reason=True)
def a_list_to_which_a_second_person_says_no(sato: Account, ada: Account) -> Iterator[None]:
    job, second = asked_for(sato), browser(ada)
    yield
    post(second, job, "refuse")


@stage(EventName.BULK_STOPPED, by="sato", at=PAGE, after=FACTS, reason=True)
def a_list_that_is_stopped(sato: Account, ada: Account) -> Iterator[None]:
    job, desk = running(people(2), sato, ada), browser(sato)
    yield
    post(desk, job, "stop")


@stage(EventName.BULK_RESUMED, by="sato", at=PAGE, after=FACTS, reason=True)
def a_list_that_goes_on(sato: Account, ada: Account) -> Iterator[None]:
    job, desk = running(people(2), sato, ada), browser(sato)
    bulk.stop(job, actor=sato)
    yield
    post(desk, job, "resume")


@stage(EventName.BULK_FINISHED, after=FACTS, reason=True)
def a_list_that_is_done(sato: Account, ada: Account) -> Iterator[None]:
    running(people(2), sato, ada)
    yield
    work_on_lists()


def locks(desk: Client) -> None:
    """The desk locks one more account."""
    assert desk.post(reverse("helpdesk:lock", args=[an_account().common_id]), REASON).status_code == 302


@stage(EventName.STAFF_BUSY, on="hiro", at=PAGE, after="action count most period")
def three_quarters_of_what_one_person_may_do(hiro: Account, settings: Settings) -> Iterator[None]:
    settings.MFA_STAFF_LIMITS = ["lock=4/100"]
    desk = browser(hiro)
    for _ in range(2):
        velocity.count(hiro, "lock")
    yield
    locks(desk)


@stage(EventName.STAFF_STOPPED, on="hiro", at=PAGE, after="action count most period")
def all_that_one_person_may_do(hiro: Account, settings: Settings) -> Iterator[None]:
    settings.MFA_STAFF_LIMITS = ["lock=4/100"]
    desk = browser(hiro)
    for _ in range(3):
        velocity.count(hiro, "lock")
    yield
    locks(desk)
