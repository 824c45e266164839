"""What a campaign asks for is said twice, of one person and of many as SQL; both say the same."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from campaigns.counting import Counts, counted
from campaigns.enrolling import mark
from campaigns.models import Campaign
from campaigns.reminding import standings_of
from campaigns.steps import ADD_ANOTHER, next_of, progress_of
from methods.usable import listed
from policies.current import current_book
from policies.models import AccountList, ListedAccount
from policies.rulebook.content import Group
from policies.standing import Use, use_of
from tests.campaigns.people import a_draft, somebody, started
from tests.factories import a_method, an_affiliation
from tests.policies.books import in_force, methods_of

pytestmark = pytest.mark.django_db
STEPS = ("none", "registered", "tested", "second", "applied", "finished")
YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011  tests run in the institution's zone
NAMED = "1000000099"
APP: dict[str, Any] = {"order": ("totp",)}
ALL: dict[str, Any] = {}
METHOD_POLICIES: dict[str, tuple[dict[str, Any], ...]] = {
    "apps for everybody": (APP,),
    "phones have ended": ({"order": ("totp", "phone"), "last_days": {"phone": YESTERDAY}},),
    "nothing to sign in with": ({"order": ("email",)},),
    "the same for all": (APP | {"kinds": frozenset({"staff"}), "countries": ("JP",)}, APP),
    "apps for an affiliation": (APP | {"affiliations": frozenset({"letters"})}, ALL),
    "apps for staff": (APP | {"kinds": frozenset({"staff"})}, ALL),
    "apps for a role": (APP | {"roles": frozenset({"auditor"})}, ALL),
    "apps for a group": (APP | {"groups": frozenset({"abroad"})}, ALL),
    "apps for one": (APP | {"accounts": frozenset({NAMED})}, ALL),
    "the first counts": (
        {"order": ("phone",), "affiliations": frozenset({"letters", "science"}), "roles": frozenset({"auditor"})},
        {"order": ("email",), "affiliations": frozenset({"letters"}), "kinds": frozenset({"staff"})},
        APP | {"groups": frozenset({"abroad"}), "accounts": frozenset({NAMED})},
        ALL | {"groups": frozenset({"abroad"})},
        {"order": ("phone", "fido")},
        APP,
    ),
}


@pytest.mark.covers("S-16")
@pytest.mark.parametrize("second_method", [True, False])
def test_one_by_one_and_all_at_once_agree(ada: Account, *, second_method: bool) -> None:
    people = [somebody(step) for step in STEPS]
    a_method(people[0], "email", name="address")
    a_method(people[1], "phone", name="old", state="suspended")
    draft = a_draft(ada, second_method=second_method)
    one_by_one = [progress_of(one, listed(one)) for one in people]
    [all_at_once] = counted(draft).values()
    for name in ("registered", "second", "tested", "applied"):
        assert getattr(all_at_once, name) == sum(getattr(one, name) for one in one_by_one), name
    assert all_at_once.finished == sum(one.is_finished(draft) for one in one_by_one)
    assert set(standings_of(draft, people)) == {one.pk for one, of in zip(people, one_by_one, strict=True) if not of.is_finished(draft)}


@pytest.mark.parametrize("policy", METHOD_POLICIES)
@pytest.mark.parametrize("emergency", [False, True])
def test_so_they_do_by_a_method_policy_that_differs_from_one_to_another(
    ada: Account, settings: Any, policy: str, *, emergency: bool
) -> None:
    people = _people_of_all_sorts()
    draft = a_draft(ada, affiliations=[an_affiliation(), an_affiliation("letters")])
    _put_in_force(*METHOD_POLICIES[policy])
    settings.MFA_BREAK_GLASS = [NAMED] if emergency else []
    people = [Account.objects.get(pk=one.pk) for one in people]
    one_by_one = [progress_of(one, listed(one)) for one in people]
    all_at_once = sum(counted(draft).values(), Counts())
    for name in ("registered", "second", "tested", "applied"):
        assert getattr(all_at_once, name) == sum(getattr(one, name) for one in one_by_one), name
    assert all_at_once.finished == sum(one.is_finished(draft) for one in one_by_one)
    assert set(standings_of(draft, people)) == {one.pk for one, of in zip(people, one_by_one, strict=True) if not of.is_finished(draft)}


def _people_of_all_sorts() -> list[Account]:
    """Some of whom everything that rules look at is said, or nothing; each of two affiliations."""
    letters = an_affiliation("letters")
    people = [somebody(step) for step in ("registered", "finished")]
    people += [somebody("finished", affiliation=letters), somebody("second", affiliation=letters, kind="staff")]
    people += [somebody("finished", kind="staff"), somebody("finished", roles=("auditor", "helpdesk"))]
    people += [somebody("finished"), somebody("finished", common_id=NAMED)]
    a_method(people[-1], "fido", name="key")
    abroad = AccountList.objects.create(made_at=timezone.now())
    ListedAccount.objects.bulk_create(ListedAccount(account=one, list=abroad) for one in people[-2:])
    return people


def _put_in_force(*rules: dict[str, Any]) -> None:
    abroad = AccountList.objects.get()
    groups = (Group("Abroad", "留学中", "abroad", str(abroad.uid), 2),)
    in_force({"asks": "verify"}, groups=groups, methods=tuple(methods_of(*rule.get("order", ()), **_without_order(rule)) for rule in rules))


def _without_order(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "order"}


def test_whoever_has_an_app_and_a_phone_that_counts_no_more_is_asked_for_another(ada: Account, eva: Account) -> None:
    person = somebody("finished")
    running = started(ada, eva)
    in_force({"asks": "verify"}, methods=(methods_of("totp"),))
    mark()
    person.refresh_from_db()
    assert person.campaign_until == running.due_on


def test_where_many_stand_is_found_by_as_many_queries_as_where_one_does(ada: Account) -> None:
    draft, people = a_draft(ada), [somebody("tested", kind="staff") for _ in range(6)]
    in_force({"asks": "verify"}, methods=(methods_of("totp", roles=frozenset({"auditor"})), methods_of()))
    taken = []
    current_book()  # what it says is read once
    for some in (people[:1], people):
        rows = list(Account.objects.select_related("affiliation").filter(pk__in=[one.pk for one in some]))
        with CaptureQueriesContext(connection) as captured:
            assert len(standings_of(draft, rows)) == len(rows)
        taken.append(len(captured))
    assert taken == [5, 5]


def test_two_hundred_rules_are_asked_in_one_statement(ada: Account) -> None:
    somebody("finished")
    draft = a_draft(ada)
    special = (methods_of("totp", affiliations=frozenset({f"a{number}"}), kinds=frozenset({"staff"})) for number in range(199))
    in_force({"asks": "verify"}, methods=(*special, methods_of("phone")))
    assert counted(draft)["science"].second == 0
    assert counted(draft)["science"].registered == 1


def test_the_next_step_is_what_every_page_says_and_a_second_method_where_it_is_asked_for(ada: Account) -> None:
    said = {}
    for step, second_method in product(STEPS, (True, False)):
        one = somebody(step)
        standing = next_of(one, listed(one), use_of(one), Campaign(second_method=second_method))
        said[step, second_method] = standing.action.url_name if standing.action else ""
    setting, add = "selfservice:mfa-setting", "methods:choose"
    assert said == {
        **{("none", asked): "selfservice:security-info" for asked in (True, False)},
        **{("registered", asked): "signin:signout" for asked in (True, False)},
        ("tested", True): add, ("tested", False): setting,
        ("second", True): setting, ("second", False): setting,
        ("applied", True): add, ("applied", False): setting,
        ("finished", True): setting, ("finished", False): setting,
    }  # fmt: skip
    assert ADD_ANOTHER.action


def test_without_any_method_nothing_is_counted_as_done() -> None:
    assert not any(vars(progress_of(Account(), [])).values())
    assert next_of(Account(), [], Use(), Campaign()).state == "none"
