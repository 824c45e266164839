"""What a campaign asks for is said twice, of one person and of many as SQL; both say the same."""

from itertools import product

import pytest

from accounts.models import Account
from campaigns.counting import counted
from campaigns.models import Campaign
from campaigns.reminding import standings_of
from campaigns.steps import ADD_ANOTHER, next_of, progress_of
from methods.usable import listed
from policies.standing import Use, use_of
from tests.campaigns.people import a_draft, somebody
from tests.factories import a_method

pytestmark = pytest.mark.django_db
STEPS = ("none", "registered", "tested", "second", "applied", "finished")


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
