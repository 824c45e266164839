"""What protects somebody less is switched on by two people, and the second decides on what they have read (R-162)."""

import pytest
from django.test import Client

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from audit.wording import sentence
from policies.current import current_book
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from tests.policies.books import in_force
from tests.policies.test_pages import OVERVIEW, a_rule, seen, switch_on

pytestmark = pytest.mark.django_db


def test_what_is_stricter_is_switched_on_by_one_and_what_is_weaker_by_two(admin: Client, second: Client, ada: Account) -> None:
    in_force({"id": "r1", "asks": "verify", "name_en": "Everybody"})
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r1/", a_rule("Everybody", "none"))
    switch_on(admin)
    waiting = PolicyVersion.objects.get(state=VersionState.WAITING)
    assert current_book().number == 1
    answer = admin.post(f"/policies/decide/{waiting.number}/approve/", seen())
    assert answer.status_code == 403
    assert "You asked for this change yourself." in answer.content.decode()
    [denied] = Event.objects.filter(name=EventName.ACCESS_DENIED)
    assert (denied.actor_id, denied.after["why"], denied.after["path"]) == (
        ada.pk,
        "own-policy",
        f"/policies/decide/{waiting.number}/approve/",
    )
    assert "it is their own request" in sentence(denied)
    assert second.post("/policies/decide/99/approve/", seen()).status_code == 409
    second.post(f"/policies/decide/{waiting.number}/approve/", seen())
    assert current_book().number == 2


def test_what_was_taken_back_and_asked_for_anew_is_not_approved_by_who_read_the_first(admin: Client, second: Client) -> None:
    in_force({"id": "r1", "asks": "verify", "name_en": "Everybody"})
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r1/", a_rule("Everybody", "none", kinds=["student"]))
    switch_on(admin)
    read = seen()
    assert f'name="seen" value="{read["seen"]}"' in second.get(OVERVIEW).content.decode()
    admin.post("/policies/decide/refuse/")
    admin.post("/policies/draft/rules/r1/", a_rule("Everybody", "none"))
    switch_on(admin)
    answer = second.post("/policies/decide/2/approve/", read)
    assert (answer.status_code, current_book().number) == (409, 1)
    assert "Somebody else has changed the draft since you opened this page." in answer.content.decode()
    second.post("/policies/decide/2/approve/", seen())
    assert current_book().number == 2


def test_the_approval_looks_again_at_whoever_asked(admin: Client, second: Client, ada: Account) -> None:
    in_force({"id": "r1", "asks": "verify"})
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r1/", a_rule("Everybody", "none"))
    switch_on(admin)
    waiting = PolicyVersion.objects.get(state=VersionState.WAITING)
    RoleGrant.objects.filter(account=ada).delete()
    assert second.post(f"/policies/decide/{waiting.number}/approve/", seen()).status_code == 409
    PolicyVersion.objects.filter(pk=waiting.pk).update(expires_at="2026-01-01T00:00:00Z")
    assert second.post(f"/policies/decide/{waiting.number}/approve/", seen()).status_code == 409
    assert current_book().number == 1
    assert not Event.objects.filter(name=EventName.ACCESS_DENIED).exists(), "the second person tried nothing that is not theirs"
    second.post("/policies/decide/refuse/")
    assert PolicyVersion.objects.get(pk=waiting.pk).state == VersionState.DRAFT
    requested, refused = (Event.objects.get(name=name) for name in (EventName.POLICY_REQUESTED, EventName.POLICY_REFUSED))
    assert requested.actor_id == ada.pk
    assert (refused.actor_label, refused.after) == ("1000000009", {"policy": waiting.number})
