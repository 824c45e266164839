"""Django's admin is for configuration, behind the site's own door."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Affiliation
from audit.catalogue import EventName
from audit.models import Event
from policies.models import ConnectedSystem
from tests.factories import a_verification, an_affiliation, signed_in

pytestmark = pytest.mark.django_db
PAGES = ["admin:index", "admin:jsi18n", "admin:accounts_affiliation_changelist", "admin:policies_connectedsystem_changelist"]


@pytest.mark.parametrize("page", PAGES)
def test_a_freshly_verified_administrator_gets_in(client: Client, ada: Any, page: str) -> None:
    signed_in(client, ada)
    assert client.get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "admin:login"])
def test_nobody_else_gets_in(client: Client, sato: Any, page: str) -> None:
    assert client.get(reverse(page)).url.startswith("/signin/")
    signed_in(client, sato)
    answer = client.get(reverse(page), follow=True)
    assert answer.status_code == 403


def test_who_tries_without_the_right_is_recorded(client: Client, sato: Any) -> None:
    signed_in(client, sato)
    client.get(reverse("admin:policies_connectedsystem_changelist"), follow=True)
    [event] = Event.objects.filter(name=EventName.ACCESS_DENIED)
    assert (event.account_id, event.actor_id, event.after["right"]) == (sato.pk, sato.pk, "site:configure")


def test_signing_out_there_is_signing_out_here(client: Client, ada: Any) -> None:
    badge = signed_in(client, ada)
    client.post(reverse("admin:logout"), follow=True)
    badge.refresh_from_db()
    assert badge.ended_at is not None
    assert [event.after for event in Event.objects.filter(name=EventName.SESSION_ENDED)] == [{"why": "signed-out"}]


@pytest.mark.parametrize("asked", ["credentials__startswith=v1", "code=%00", "no_such=1", "code__regex=(a%2B)%2B$"])
def test_a_list_cannot_be_asked_what_it_does_not_offer(client: Client, ada: Any, asked: str) -> None:
    """Otherwise a sealed column could be felt out letter by letter."""
    signed_in(client, ada)
    assert client.get(f"{reverse('admin:policies_connectedsystem_changelist')}?{asked}").status_code in {302, 400}


def test_a_stale_verification_is_asked_for_anew(client: Client, ada: Any) -> None:
    signed_in(client, ada, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/signin/step-up/")


def test_there_are_no_password_pages(client: Client, ada: Any) -> None:
    signed_in(client, ada)
    assert client.get("/admin/password_change/").status_code == 404


def test_a_change_is_recorded_with_before_and_after(client: Client, ada: Any) -> None:
    signed_in(client, ada)
    faculty = Affiliation.objects.create(code="law", name_en="Law", name_ja="法学部")
    page = reverse("admin:accounts_affiliation_change", args=[faculty.pk])
    client.post(page, {"name_en": "Faculty of Law", "name_ja": "法学部"})
    [event] = Event.objects.filter(name=EventName.AFFILIATION_CHANGED)
    assert (event.before, event.after["name_en"], event.actor_id) == ({"name_en": "Law"}, "Faculty of Law", ada.pk)


def test_the_code_of_an_affiliation_stays_so_that_rules_go_on_speaking_of_it(client: Client, ada: Any) -> None:
    signed_in(client, ada)
    names = {"name_en": "Law", "name_ja": "法学部"}
    client.post(reverse("admin:accounts_affiliation_add"), {"code": "law"} | names)
    page = reverse("admin:accounts_affiliation_change", args=[Affiliation.objects.get().pk])
    assert 'name="code"' not in client.get(page).content.decode()
    client.post(page, {"code": "law-2"} | names)
    assert Affiliation.objects.get().code == "law"


def test_credentials_are_never_shown(client: Client, ada: Any) -> None:
    signed_in(client, ada)
    system = ConnectedSystem.objects.create(code="x", name_en="X", name_ja="X", connector="webhook", credentials="v1.sealed.token")
    page = client.get(reverse("admin:policies_connectedsystem_change", args=[system.pk]))
    assert page.status_code == 200
    assert "sealed.token" not in page.content.decode()


@pytest.mark.parametrize("page", ["admin:index", "admin:accounts_affiliation_changelist", "admin:accounts_affiliation_add"])
def test_affiliations_are_spoken_of_in_japanese(client: Client, ada: Any, page: str) -> None:
    an_affiliation("letters")
    signed_in(client, ada)
    ada.language = "ja"
    ada.save(update_fields=["language"])
    html = client.get(reverse(page), headers={"Accept-Language": "ja"}).content.decode()
    assert 'lang="ja"' in html
    assert re.findall(r"(?i)>\s*(affiliations?|name en|name ja|code|accounts|selfservice):?\s*<", html) == []
