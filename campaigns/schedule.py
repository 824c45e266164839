"""The days of a campaign, by the institution's calendar: when mails go out, and whether its last day has passed."""

from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localdate, localtime

from campaigns.models import Campaign

LONGEST = timedelta(days=366)
HOURS = range(8, 20)  # in which mails go out: nobody's phone rings at night
MINUTE = timedelta(minutes=1)


def today() -> date:
    """The day by the institution's calendar."""
    return localdate(timezone=get_default_timezone())


def latest_day() -> date:
    """The latest day that a campaign may end on."""
    return today() + LONGEST


def in_hours() -> bool:
    """Whether it is a time of day for mails, and still is in a minute, when the last that are planned now go out."""
    now = localtime(timezone=get_default_timezone())
    return now.hour in HOURS and now + MINUTE <= closes_on(now.date())


def closes_on(day: date) -> datetime:
    """Until when mails go out on a day."""
    return datetime.combine(day, time(HOURS.stop), get_default_timezone())


def mail_days(campaign: Campaign) -> list[date]:
    """The first day, or the one on which the last was moved; the days before the last that were chosen, and the last, in order and each once."""
    first = campaign.moved_on or campaign.started_on or today()
    before = (campaign.due_on - timedelta(days=days) for days in campaign.remind_before)
    return sorted({first, campaign.due_on, *(day for day in before if first < day < campaign.due_on)})


def mails_due(campaign: Campaign) -> int:
    """How many days of the schedule have come; whoever was reminded less often is to be reminded once, and not of each."""
    return sum(1 for day in mail_days(campaign) if day <= today())


def is_over(campaign: Campaign) -> bool:
    """Whether the last day has passed."""
    return campaign.due_on < today()
