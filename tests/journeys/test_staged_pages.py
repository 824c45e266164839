"""Pages that need a role, a setting or a state that the demo does not have: each gets its stage, and is judged like every other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from campaigns.counting import FIELDS, keep_day
from campaigns.models import Campaign, DayCount, Wish
from campaigns.moving import move
from campaigns.schedule import today
from campaigns.starting import ask, refuse
from helpdesk import bulk, bulk_work
from helpdesk.actions import act
from helpdesk.models import Case
from methods.models import MethodState
from policies.models import ConnectedSystem, Home
from policies.outages import agree, ask_for, end
from policies.restoring import look_around, may_send
from signin import counter
from signin.models import CounterRequest
from tests.campaigns.people import somebody, started
from tests.factories import a_totp_app, an_account, an_affiliation, signed_in
from tests.helpdesk.conftest import verified
from tests.helpdesk.test_stops import stop_path
from tests.journeys.browser import Visitor, visitor
from tests.journeys.site_map import STAGED
from tests.journeys.tour import Tour
from tests.methods.people import add_app
from tests.policies.books import in_force
from tests.policies.test_outages import PHONES
from tests.review.test_findings import a_finding
from tests.signin.door import enter_code, enter_password

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Stage:
    """Hana, the settings, and `tour(client)`: a browser that goes on where `client` has come to."""

    hana: Account
    settings: Settings
    tour: Callable[[Client], Tour]

    def tour_of(self, *roles: str) -> tuple[Tour, Account]:
        """Somebody with these roles, signed in."""
        client, actor = Client(), an_account(roles=roles)
        signed_in(client, actor)
        return self.tour(client), actor


@pytest.fixture
def stage(chromium: Browser, live_server: LiveServer, hana: Account, settings: Settings) -> Iterator[Stage]:
    visitors: list[Visitor] = []

    def go_on(client: Client) -> Tour:
        one = visitor(chromium, live_server.url)
        one.context.add_cookies([{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()])
        visitors.append(one)
        return Tour(one, live_server.url)

    yield Stage(hana, settings, go_on)
    for one in visitors:
        one.context.close()
    for one in visitors:
        one.no_complaints()


def press(tour: Tour) -> None:
    """The one button of the page."""
    tour.page.locator("main .button-primary, main .button-danger").first.click()


def number_of_the_card(stage: Stage) -> Tour:
    stage.settings.MFA_FIRST_REGISTRATION_NUMBER, stage.settings.MFA_FIRST_REGISTRATION_EMAIL = True, False
    client = Client()
    enter_password(client, stage.hana)
    add_app(client)
    tour = stage.tour(client)
    tour.look("/signin/number/")
    tour.page.get_by_role("textbox").fill("!")
    press(tour)
    tour.glance()
    return tour


def lost_everything(stage: Stage) -> Tour:
    """The password was right, and the only phone is gone."""
    a_totp_app(stage.hana, state=MethodState.SUSPENDED, is_default=False)
    Account.objects.filter(pk=stage.hana.pk).update(mfa_asked_here=True, methods_needed=True)
    client = Client()
    assert enter_password(client, stage.hana)["Location"] == "/signin/refused/"
    tour = stage.tour(client)
    tour.look("/signin/refused/")
    return tour


def at_the_counter(stage: Stage) -> Tour:
    tour = lost_everything(stage)
    tour.look("/signin/counter/")
    press(tour)
    tour.page.locator("#take").wait_for()
    tour.look()
    counter.confirm(CounterRequest.objects.get().code, actor=an_account(roles=("counter",)), common_id=stage.hana.common_id)
    tour.page.locator(".counter-pass").wait_for()
    tour.glance()
    return tour


def of_nobody(stage: Stage) -> Tour:
    """Somebody asked for help with a Common ID that nobody has; a case of an account stands on the account's page."""
    Client().post("/cannot-sign-in/", {"common_id": "1999999999", "what": "lost", "text": "My phone fell into a lake"})
    tour, _ = stage.tour_of("senior-helpdesk")
    tour.look(reverse("helpdesk:case", args=[Case.objects.get().number]))
    return tour


def of_an_auditor(stage: Stage) -> Tour:
    finding = a_finding(stage.hana)
    tour, _ = stage.tour_of("auditor")
    tour.look(reverse("review:finding", args=[finding.pk]))
    return tour


def work_on_a_list(stage: Stage) -> Tour:
    """Before somebody asks for it, and while it waits for its time."""
    a_totp_app(stage.hana)
    tour, actor = stage.tour_of("senior-helpdesk")
    job = bulk.prepare("require-reregistration", f"{stage.hana.common_id}\n1999999999", actor=actor, reason="Stolen telephones")
    path = reverse("helpdesk:bulk-job", args=[job.pk])
    tour.look(path)
    bulk.ask(job, actor=actor)
    bulk.approve(job, actor=an_account(roles=("administrator",)))
    bulk_work.work()
    tour.look(path)
    return tour


def link_in_a_notice(stage: Stage) -> Tour:
    """Before it is used, when it is, and afterwards."""
    verified(stage.hana)
    Account.objects.filter(pk=stage.hana.pk).update(held_until=timezone.now())
    act("unlock", stage.hana, actor=an_account(roles=("helpdesk",)), reason="called")
    path, tour = stop_path(), stage.tour(Client())
    tour.look(path)
    press(tour)
    tour.page.locator("main form").wait_for(state="detached")
    tour.glance()
    tour.look(path)
    return tour


def asked_by_a_campaign(stage: Stage) -> Tour:
    """Before the last day, and with nothing left to put off afterwards."""
    a_totp_app(stage.hana)
    started(
        an_account(roles=("administrator",)),
        an_account(roles=("administrator",)),
        requires=True,
        words_en="Ask us.",
        words_ja="ご相談ください。",
    )
    client = Client()
    signed_in(client, stage.hana)
    tour = stage.tour(client)
    tour.look("/campaign/")
    Campaign.objects.update(due_on=today() - timedelta(days=1))
    tour.look("/campaign/")
    return tour


def of_an_outage(stage: Stage) -> Tour:
    """While it waits for a second person, and the report afterwards."""
    in_force({"asks": "verify"}, contingencies=(PHONES,))
    a_totp_app(stage.hana)
    tour, actor = stage.tour_of("administrator")
    row = ask_for(PHONES.id, hours=2, actor=an_account(roles=("administrator",)), reason="The provider is down")
    tour.look("/policies/outages/")
    agree(row.uid, actor=actor)
    client = Client()
    enter_password(client, stage.hana)
    enter_code(client)
    end(row.uid, actor=actor)
    tour.look(reverse("policies:outage", args=[row.uid]))
    return tour


def test_the_page_after_a_restore_before_and_after_comparing(stage: Stage) -> None:
    assert may_send()
    Home.objects.update(place="elsewhere/1")
    look_around()
    tour, _ = stage.tour_of("administrator")
    tour.look("/policies/restore/")
    ConnectedSystem.objects.update(reconciled_at=timezone.now(), drift=3)
    tour.look("/policies/restore/")
    tour.page.get_by_text("Confirm", exact=True).first.click()
    tour.glance()
    assert "policies/restore/" in tour.seen


def campaign_under_way(stage: Stage) -> Tour:
    """With people of two faculties on every step and a week behind it; while something waits for this person, and when it is over."""
    for step in ("none", "registered", "tested", "second", "applied", "finished"):
        somebody(step)
        somebody(step, affiliation=an_affiliation("letters"))
    tour, actor = stage.tour_of("administrator")
    other = an_account(roles=("administrator",), name_en="Eva Ito", name_ja="伊藤 恵")
    affiliations = [an_affiliation(), an_affiliation("letters")]
    running = started(other, actor, affiliations=affiliations, requires=True, name_en="Everybody by spring", name_ja="春までに全員")
    a_week_behind(running)
    path = reverse("campaigns:campaign", args=[running.uid])
    tour.look(path)
    tour.page.get_by_role("heading", name="Day by day").wait_for()
    asked = move(running, running.edits, today() + timedelta(days=5), actor=other, reason="A wave of phishing")
    tour.look(path)
    tour.page.get_by_role("button", name="Agree").wait_for()
    running = refuse(asked, actor=other)
    ask(running, Wish.END, running.edits, actor=other, reason="Everybody is there")
    tour.look(path)
    tour.look(reverse("campaigns:overview"))
    return tour


def a_week_behind(running: Campaign) -> None:
    """Fewer had come so far on the days before."""
    keep_day(running)
    for row in DayCount.objects.filter(campaign=running, day=today()):
        counts = {name: getattr(row, name) for name in FIELDS if name != "people"}
        for back in range(1, 7):
            fewer = {name: max(number - back, 0) for name, number in counts.items()}
            DayCount.objects.create(
                campaign=running, day=today() - timedelta(days=back), affiliation=row.affiliation, people=row.people, **fewer
            )


STAGES: dict[str, Callable[[Stage], Tour]] = {
    "signin/number/": number_of_the_card,
    "signin/refused/": lost_everything,
    "signin/counter/": at_the_counter,
    "helpdesk/cases/<str:number>/": of_nobody,
    "helpdesk/bulk/<uuid:uid>/": work_on_a_list,
    "audit/findings/<uuid:finding_id>/": of_an_auditor,
    "stop/<str:signed>/": link_in_a_notice,
    "campaign/": asked_by_a_campaign,
    "policies/outages/<uuid:uid>/": of_an_outage,
}


def test_a_campaign_that_is_under_way(stage: Stage) -> None:
    assert "policies/campaigns/<uuid:uid>/" in campaign_under_way(stage).seen


@pytest.mark.parametrize("route", sorted(STAGED))
def test_a_page_that_needs_a_stage(stage: Stage, route: str) -> None:
    assert route in STAGES[route](stage).seen
