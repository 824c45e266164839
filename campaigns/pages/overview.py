"""All campaigns, and one: before it starts what it would do, afterwards how far people have come."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.badge import Badged
from accounts.models import Affiliation
from campaigns.charts import funnel, share, trend
from campaigns.counting import STEPS, Counts, counted, days_of, newest
from campaigns.drafting import RIGHT
from campaigns.forms import MoveForm
from campaigns.models import Campaign, CampaignState, Member, Wish
from campaigns.moving import may_move
from campaigns.reminding import LANGUAGES, TEMPLATE, facts_of
from campaigns.schedule import mail_days
from campaigns.starting import needs_second
from methods.letters import written
from methods.stepup import has_fresh_proof
from policies.pages.gate import reads
from policies.standing import STANDINGS, State
from policies.two_people import is_alone

SHOWN = 100


@reads
def overview(request: Badged) -> HttpResponse:
    """Every campaign, the newest first."""
    rows = Campaign.objects.exclude(state=CampaignState.DISCARDED).select_related("made_by")[:SHOWN]
    return render(request, "campaigns/overview.html", {"campaigns": rows, "fresh": has_fresh_proof(request)})


@reads
def campaign(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """A preview while it is a draft; then the funnel, by affiliation and over time."""
    found = get_object_or_404(Campaign.objects.select_related("people", "made_by", "asked_by", "started_by", "ended_by"), uid=uid)
    by_affiliation = counted(found) if found.state == CampaignState.DRAFT else newest(found)
    total, own = sum(by_affiliation.values(), Counts()), bool(found.wish) and found.asked_by_id == request.user.pk
    facts: dict[str, Any] = {
        "campaign": found,
        "fresh": has_fresh_proof(request),
        "own": own,
        "alone": own and is_alone(request.user, RIGHT),
        "total": total,
        "unfinished": total.people - total.finished,
        "bars": funnel(total),
        "columns": [_("Affiliation"), _("People"), *map(str, STEPS.values()), _("Finished")],
        "rows": _by_affiliation(by_affiliation, total),
        "mail_days": mail_days(found),
        "move": MoveForm() if may_move(found) else None,
        "needs_second": needs_second(found, Wish.START if found.state == CampaignState.DRAFT else Wish.END),
    }
    facts |= _preview(request, found, total) if found.state == CampaignState.DRAFT else _progress(found)
    return render(request, "campaigns/campaign.html", facts)


def _by_affiliation(counts: dict[str, Counts], total: Counts) -> list[list[str]]:
    names = {one.code: str(one) for one in Affiliation.objects.filter(code__in=counts)}
    rows = [_row(names.get(code) or _("Without an affiliation"), of) for code, of in counts.items()]
    return [*rows, _row(_("In all"), total)] if len(rows) > 1 else rows


def _row(label: str, of: Counts) -> list[str]:
    return [label, str(of.people), *(share(getattr(of, name), of.people) for name in (*STEPS, "finished"))]


def _preview(request: Badged, found: Campaign, total: Counts) -> dict[str, Any]:
    """A sample mail as it would reach the reader, and how long one round of mails takes."""
    samples = []
    for language in LANGUAGES:
        with override(language):
            samples.append(written(request.user, TEMPLATE, facts_of(found, STANDINGS[State.NONE], last=False)))
    return {"samples": samples, "minutes": -(-(total.people - total.finished) // max(settings.MFA_CAMPAIGN_MAILS_PER_MINUTE, 1))}


def _progress(found: Campaign) -> dict[str, Any]:
    """How many have been entered and reminded, and how it went day by day."""
    members = Member.objects.filter(campaign=found)
    days = days_of(found)
    entered = members.count()
    reminded = members.filter(reminded__gte=found.stage).count() if found.stage else 0
    return {
        "entered": entered,
        "reminded": reminded,
        "reminded_percent": 100 * reminded // entered if entered else 0,
        "mailed": members.filter(mailed_at__isnull=False).count(),
        "trend": trend(days),
        "day_columns": [_("Day"), _("People"), *map(str, STEPS.values()), _("Finished")],
        "day_rows": [_row(date_format(day, "SHORT_DATE_FORMAT").replace("-", "\u2011"), of) for day, of in reversed(days)],
    }
