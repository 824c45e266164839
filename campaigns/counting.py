"""How far the people of a campaign have come: counted in one statement, and kept day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Affiliation
from campaigns.models import Campaign, CampaignState, DayCount, Member
from campaigns.schedule import today
from policies.allowances_of_many import verifying
from policies.models import Application, ListedAccount, Termination
from policies.models.applications import TerminationState
from policies.states import LIVE, ApplicationState

People = tuple[str, list[Any]]
STEPS: Mapping[str, Promise] = {
    "registered": _("Registered"),
    "second": _("Second method"),
    "tested": _("Sign-in tried"),
    "applied": _("Applied"),
    "in_effect": _("In effect"),
}


@dataclass(frozen=True)
class Counts:
    """How many people, and how many of them have come how far."""

    people: int = 0
    registered: int = 0
    second: int = 0
    tested: int = 0
    applied: int = 0
    in_effect: int = 0
    finished: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))


FIELDS = tuple(one.name for one in fields(Counts))


def people_of(campaign: Campaign) -> People:
    """Whom a campaign asks, or a draft would ask, as SQL."""
    if campaign.state != CampaignState.DRAFT:
        return f"SELECT account_id FROM {Member._meta.db_table} WHERE campaign_id = %s", [campaign.pk]  # noqa: S608  names of tables
    return meant_by(campaign)


def meant_by(campaign: Campaign) -> People:
    """Whom the affiliations of a campaign, or its list, name at this moment, as SQL."""
    if campaign.people_id:
        return f"SELECT account_id FROM {ListedAccount._meta.db_table} WHERE list_id = %s", [campaign.people_id]  # noqa: S608
    chosen = f"SELECT affiliation_id FROM {Campaign.affiliations.through._meta.db_table} WHERE campaign_id = %s"  # noqa: S608
    return f"SELECT id FROM {Account._meta.db_table} WHERE left_at IS NULL AND affiliation_id IN ({chosen})", [campaign.pk]  # noqa: S608


def excused() -> People:
    """Whose MFA use was terminated until a day that has not come: an approved exception is left alone."""
    query = (
        f"SELECT p.account_id FROM {Application._meta.db_table} p JOIN {Termination._meta.db_table} t ON t.application_id = p.id "  # noqa: S608
        "WHERE p.state = %s AND t.state = %s"
    )
    return query, [ApplicationState.TERMINATED.value, TerminationState.APPROVED.value]


def methods_counted() -> People:
    """Usable methods of each account by the method policy in force, and when one was last tried, as SQL."""
    of_each = verifying().values("account_id").annotate(usable=Count("pk"), tested=Max("last_signin_at"))
    query, values = of_each.query.sql_with_params()
    return query, list(values)


def is_finished(campaign: Campaign) -> str:
    """The condition, as SQL over an account a and its methods m, under which the campaign asks for nothing more."""
    return "(a.methods_needed AND COALESCE(m.usable, 0) > 1)" if campaign.second_method else "a.methods_needed"


def counted(campaign: Campaign) -> dict[str, Counts]:
    """Counts by the code of the affiliation, in one statement; who left or is excused does not count."""
    people, free, methods = people_of(campaign), excused(), methods_counted()
    query = (
        "SELECT COALESCE(f.code, ''), COUNT(*), COUNT(*) FILTER (WHERE m.usable > 0), COUNT(*) FILTER (WHERE m.usable > 1), "  # noqa: S608
        "COUNT(*) FILTER (WHERE a.methods_needed OR m.tested IS NOT NULL), COUNT(*) FILTER (WHERE a.methods_needed), "
        f"COUNT(*) FILTER (WHERE p.state = %s), COUNT(*) FILTER (WHERE {is_finished(campaign)}) "
        f"FROM {Account._meta.db_table} a LEFT JOIN {Affiliation._meta.db_table} f ON f.id = a.affiliation_id "
        f"LEFT JOIN ({methods[0]}) m ON m.account_id = a.id "
        f"LEFT JOIN {Application._meta.db_table} p ON p.account_id = a.id AND p.state IN ({places(LIVE)}) "
        f"WHERE a.left_at IS NULL AND a.id IN ({people[0]}) AND a.id NOT IN ({free[0]}) GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [ApplicationState.IN_EFFECT.value, *methods[1], *LIVE, *people[1], *free[1]])
        return {code: Counts(*numbers) for code, *numbers in cursor.fetchall()}


def places(values: Sequence[object]) -> str:
    """So many blanks of a query."""
    return ", ".join(["%s"] * len(values))


def keep_day(campaign: Campaign) -> None:
    """Count a running campaign and keep it as today's; whoever counts last today, counts."""
    now = [DayCount(campaign=campaign, day=today(), affiliation=code, **vars(of)) for code, of in counted(campaign).items()]
    unique = ["campaign", "day", "affiliation"]
    DayCount.objects.bulk_create(now, update_conflicts=True, unique_fields=unique, update_fields=FIELDS)


def days_of(campaign: Campaign) -> list[tuple[date, Counts]]:
    """What was kept of all affiliations together, the oldest day first."""
    rows = DayCount.objects.filter(campaign=campaign).values("day").order_by("day")
    summed = rows.annotate(**{f"all_{name}": Sum(name) for name in FIELDS})
    return [(day, Counts(*of)) for day, *of in summed.values_list("day", *(f"all_{name}" for name in FIELDS))]


def newest(campaign: Campaign) -> dict[str, Counts]:
    """What was kept last, by affiliation; pages show it rather than count anew."""
    last = DayCount.objects.filter(campaign=campaign).order_by("-day").values("day")[:1]
    rows = DayCount.objects.filter(campaign=campaign, day__in=last).order_by("affiliation")
    return {row.affiliation: Counts(*(getattr(row, name) for name in FIELDS)) for row in rows}
