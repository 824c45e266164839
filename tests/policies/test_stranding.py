"""Whom a method policy would leave without any usable method (I7)."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import RoleGrant
from policies.models import AccountList, ListedAccount
from policies.rulebook.content import Book, Group
from policies.stranding import by_affiliation, now_without, stranded
from tests.factories import a_method, a_phone, an_account, an_affiliation
from tests.policies.books import a_book, methods_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_phones_alone")]
TODAY = date(2026, 11, 26)
LATER = TODAY + timedelta(days=30)


def books(*order: str, **special: Any) -> tuple[Book, Book]:
    rules = methods_of("totp", "phone", "fido"), methods_of(*order, **special)
    old, new = (a_book(groups=(), methods=(rule,)) for rule in rules)
    return old, new


def test_it_is_counted_by_affiliation_who_could_not_sign_in() -> None:
    found = stranded(*books("totp", "fido"), TODAY)
    assert by_affiliation(found) == {"arts": (1, 0), "science": (2, 0)}
    assert now_without(found) == 3


def test_a_last_day_leaves_them_time() -> None:
    found = stranded(*books("totp", "phone", last_days={"phone": LATER}), TODAY)
    assert (now_without(found), {one.last_day for one in found}) == (0, {LATER})


def test_nobody_is_counted_who_could_not_sign_in_before() -> None:
    _old, new = books("totp", "fido")
    assert stranded(new, new, TODAY) == []
    assert stranded(new, a_book(groups=(), methods=(methods_of("totp"),)), TODAY) == []


def test_rules_that_tell_people_apart_are_asked_of_each_of_them(settings: Any) -> None:
    """An account that a rule names, one with a role, one on a list, one for emergencies: nobody stands for them."""
    spared, warned, listed_one, emergency = (an_account(affiliation=an_affiliation("science")) for _ in range(4))
    for number, account in enumerate((spared, warned, listed_one, emergency)):
        a_phone(account, f"+8190333344{number:02}")
    RoleGrant.objects.create(account=warned, role="auditor")
    members = AccountList.objects.create(made_at="2026-01-01T00:00Z")
    ListedAccount.objects.create(account=listed_one, list=members)
    a_method(emergency, "fido", name="key")
    settings.MFA_BREAK_GLASS = [emergency.common_id]
    groups = (Group("Some", "一部", "some", str(members.uid), 1),)
    old = a_book(groups=groups, methods=(methods_of("totp", "phone", "fido"),))
    new = a_book(
        groups=groups,
        methods=(
            methods_of("phone", accounts=frozenset({spared.common_id})),
            methods_of("totp", "phone", roles=frozenset({"auditor"}), last_days={"phone": LATER}),
            methods_of("phone", groups=frozenset({"some"})),
            methods_of("totp"),
        ),
    )
    found = {one.common_id: one.last_day for one in stranded(old, new, TODAY)}
    assert not {spared.common_id, listed_one.common_id, emergency.common_id} & found.keys()
    assert found[warned.common_id] == LATER
    assert sorted(found.values(), key=str).count(None) == 3


def test_it_takes_few_queries_however_many_there_are(django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        a_phone(an_account(), f"+81905555{number:04}")
    with django_assert_max_num_queries(2):
        assert now_without(stranded(*books("totp", "fido"), TODAY)) == 33
