"""Every page of the desks in the running site, by somebody with the role: nothing for axe to find, nothing sticks out, no complaint."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from demo.accounts import PASSWORD
from tests.journeys.person import Person
from tests.journeys.site_map import ADMINISTRATOR, AUDITOR, STAFF
from tests.journeys.tour import Tour


@pytest.mark.covers("S-146")
def test_the_pages_of_the_help_desk(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    registered("7000000002", PASSWORD)
    for path in (
        "",
        "?q=Yamada",
        "?q=nobody-of-this-name",
        "accounts/0123456789/",
        "accounts/9000000001/",
        "reports/",
        "terminations/",
        "deliveries/",
        "exceptions/",
        "leavers/",
        "bulk/",
        "board/",
        "cases/",
        "approvals/",
        "confirmations/",
        "counter/",
    ):
        tour.look(f"/helpdesk/{path}")
    assert tour.seen == STAFF


@pytest.mark.covers("S-146")
def test_the_pages_of_an_auditor(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    person = registered("8000000001", PASSWORD)
    tour.look("/audit/?account=8000000001")
    tour.look("/audit/?since=tomorrow&account=12x")
    person.page.goto("/audit/?account=8000000001")
    person.page.get_by_role("row").get_by_role("link").first.click()
    tour.look()
    tour.look(person.page.url + "proof/")
    tour.look("/audit/seals/")
    tour.look("/audit/accounts/8000000001/")
    tour.look("/audit/findings/")
    tour.look("/audit/report/")
    tour.look("/audit/exports/")
    tour.look("/audit/findings/thresholds/")
    assert tour.seen == AUDITOR


def test_the_pages_of_an_administrator(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    person = registered("9000000001", PASSWORD)
    tour.look("/policies/")
    person.press("Begin a draft")
    for path in ("", "rules/new/sign-in/", "networks/new/", "groups/new/", "methods/new/", "contingencies/new/", "switch-on/"):
        tour.look(f"/policies/draft/{path}")
    person.page.goto("/policies/draft/")
    person.page.get_by_role("link", name="Change").first.click()
    tour.look()
    person.page.goto("/policies/draft/")
    person.page.get_by_role("link", name="Change Everybody").click()
    tour.look()
    for path in ("versions/", "versions/1/", "what-if/?account=0123456789&address=192.0.2.7", "dry-run/", "outages/"):
        tour.look(f"/policies/{path}")
    tour.look("/policies/systems/")
    tour.look("/policies/systems/campus-mail/")
    tour.look("/policies/restore/")
    tour.look("/helpdesk/staff/")
    for path in ("", "never-applied/", "new/"):
        tour.look(f"/policies/campaigns/{path}")
    person.fill("Name in English", "Everybody by spring")
    person.fill("Name in Japanese", "春までに全員")
    person.page.get_by_label("Affiliations").select_option(index=0)
    person.fill("Last day", (localdate() + timedelta(days=30)).isoformat())
    person.press("Save and preview")
    tour.look()
    person.page.get_by_role("link", name="Change").click()
    tour.look()
    assert tour.seen == ADMINISTRATOR
    person.page.goto("/policies/draft/")
    person.press("Discard the draft")
