"""Roles are given downwards only; the site itself makes the first administrator (R-161)."""

from collections.abc import Callable

import pytest

from accounts.grants import grant, withdraw
from accounts.leaving import withdraw_roles
from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from accounts.roles import powers
from audit.models import Event
from tests.factories import an_affiliation

pytestmark = pytest.mark.django_db


def roles(account: Account) -> list[str]:
    return list(RoleGrant.objects.filter(account=account).values_list("role", flat=True))


def refusal(verb: Callable[..., object], account: Account, role: str, actor: Account | None, reason: str = "joined the desk") -> str:
    before = list(RoleGrant.objects.order_by("pk").values())
    with pytest.raises(Refused) as refused:
        verb(account, role, actor=actor, reason=reason)
    assert list(RoleGrant.objects.order_by("pk").values()) == before
    assert refused.value.sentence
    return refused.value.code


def test_an_administrator_grants_a_role_and_it_is_recorded(hana: Account, ada: Account) -> None:
    given = grant(hana, "helpdesk", actor=ada, reason="joined the desk")
    assert (roles(hana), given.granted_by) == (["helpdesk"], ada)
    event = Event.objects.get(name="role:granted")
    assert (event.account_id, event.actor_id, event.reason) == (hana.pk, ada.pk, "joined the desk")
    assert (event.before, event.after) == ({}, {"role": "helpdesk"})


def test_an_administrator_withdraws_a_role_and_it_is_recorded(hiro: Account, ada: Account) -> None:
    withdraw(hiro, "helpdesk", actor=ada, reason="left the desk")
    assert (roles(hiro), powers(hiro).rights) == ([], frozenset())
    event = Event.objects.get(name="role:withdrawn")
    assert (event.account_id, event.actor_id, event.reason) == (hiro.pk, ada.pk, "left the desk")
    assert (event.before, event.after) == ({"role": "helpdesk"}, {})


@pytest.mark.parametrize("verb", [grant, withdraw])
@pytest.mark.parametrize("role", ["helpdesk", "auditor", "administrator"])
def test_nobody_changes_their_own_roles(ada: Account, verb: Callable[..., object], role: str) -> None:
    assert refusal(verb, ada, role, ada) == "own-account"


@pytest.mark.parametrize("verb", [grant, withdraw])
def test_nobody_touches_somebody_of_equal_rank(ada: Account, hana: Account, verb: Callable[..., object]) -> None:
    grant(hana, "administrator", actor=None, reason="second administrator")
    assert refusal(verb, hana, "helpdesk", ada) == "equal-or-higher-role"


@pytest.mark.parametrize("verb", [grant, withdraw])
def test_nobody_gives_or_takes_a_role_of_their_own_rank(ada: Account, hana: Account, verb: Callable[..., object]) -> None:
    assert refusal(verb, hana, "administrator", ada) == "role-too-high"


@pytest.mark.parametrize("who", ["hana", "hiro", "sato", "aki"])
@pytest.mark.parametrize("verb", [grant, withdraw])
def test_only_administrators_may(request: pytest.FixtureRequest, ken: Account, who: str, verb: Callable[..., object]) -> None:
    assert refusal(verb, ken, "helpdesk", request.getfixturevalue(who)) == "not-allowed"


def test_a_reason_is_needed(hana: Account, ada: Account) -> None:
    assert refusal(grant, hana, "helpdesk", ada, " ") == "reason-missing"


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(hana: Account, ada: Account) -> None:
    with pytest.raises(Refused, match="role-unknown") as refused:
        grant(hana, "king", actor=ada, reason="why not")
    assert "helpdesk, senior-helpdesk, auditor, administrator" in refused.value.sentence


def test_a_role_is_given_once(hiro: Account, ada: Account) -> None:
    assert refusal(grant, hiro, "helpdesk", ada) == "role-held"


def test_a_role_that_is_not_held_cannot_be_taken(hana: Account, ada: Account) -> None:
    assert refusal(withdraw, hana, "helpdesk", ada) == "role-not-held"


def test_who_has_left_gets_no_role_but_loses_one(hana: Account, hiro: Account, ada: Account) -> None:
    Account.objects.update(left_at=ada.created_at)
    assert refusal(grant, hana, "helpdesk", None) == "account-left"
    withdraw(hiro, "helpdesk", actor=None, reason="left")
    assert roles(hiro) == []


def test_a_role_that_looks_after_the_site_is_never_limited(hana: Account, ada: Account) -> None:
    with pytest.raises(Refused, match="role-not-limitable"):
        grant(hana, "auditor", actor=ada, reason="audits science", within=an_affiliation("science"))


def test_who_leaves_loses_the_roles_of_every_affiliation(hana: Account) -> None:
    for code in ("science", "arts"):
        RoleGrant.objects.create(account=hana, role="helpdesk", affiliation=an_affiliation(code))
    told = withdraw_roles([hana])
    assert not RoleGrant.objects.filter(account=hana).exists()
    assert [happening.before["affiliation"] for happening in told] == ["science", "arts"]
