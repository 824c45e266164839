"""Lists of people: who registered but never applied (S-16), and who has not finished a campaign."""

from collections.abc import Iterator

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from accounts.models import Account
from campaigns.models import Campaign, Member
from campaigns.reminding import standings_of
from policies.allowances_of_many import verifying
from policies.models import Application
from policies.standing import Standing

PORTION = 1000


def never_applied(affiliation: str = "") -> QuerySet[Account]:
    """Accounts with a method that the policy in force lets verify and no application ever, those who registered first coming first."""
    people = Account.objects.filter(left_at=None).exclude(Exists(Application.objects.filter(account=OuterRef("pk"))))
    if affiliation:
        people = people.filter(affiliation__code=affiliation)
    counted = people.filter(registered_methods__in=verifying()).annotate(
        methods=Count("registered_methods"),
        since=Min("registered_methods__bound_at"),
        tried=Max("registered_methods__last_signin_at"),
    )
    return counted.select_related("affiliation").order_by("since", "pk")


def unfinished(campaign: Campaign) -> Iterator[tuple[Member, Standing]]:
    """Who still has something to do, and what; in portions."""
    last = 0
    while members := list(
        Member.objects.filter(campaign=campaign, account__gt=last).select_related("account__affiliation").order_by("account_id")[:PORTION]
    ):
        standings = standings_of(campaign, [one.account for one in members])
        yield from ((one, standings[one.account_id]) for one in members if one.account_id in standings)
        last = members[-1].account_id
