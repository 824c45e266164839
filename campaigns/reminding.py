"""Reminders: on the days of the schedule one mail to whoever has not finished, so many a minute, planned in the transaction that notes it.

The mails of a minute become due one after another, so that no sweep is full of them and a code never waits behind them. None goes out
after the last day, however long the mail server was down.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import override

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from campaigns.counting import excused
from campaigns.models import Campaign, CampaignState, Member
from campaigns.schedule import closes_on, in_hours, is_over, mails_due, today
from campaigns.steps import next_of, progress_of
from methods.delivery import KEEP_TRYING
from methods.models import Message, MessageState, MethodState, RegisteredMethod
from methods.notices import addresses
from policies.allowances_of_many import learn
from policies.clock import database_now
from policies.models import Application
from policies.standing import Standing, Use
from policies.states import LIVE

TEMPLATE = "campaign-reminder"
TURN = timedelta(seconds=55)  # over which the mails of one turn go out; less than the minute of beat, which may come a moment early
PORTION = 1000  # members who are looked at together
LOOK_FOR = 5.0  # seconds of one turn; whoever is left is looked at in the next
LANGUAGES = ("en", "ja")


@transaction.atomic
def remind(campaign: Campaign) -> int:
    """Plan the mails that are due, as many as a minute takes; returns how many. Whoever looks meanwhile finds the campaign taken."""
    now = database_now()
    running = Campaign.objects.select_for_update(skip_locked=True).filter(pk=campaign.pk, state=CampaignState.RUNNING)
    held = running.exclude(mails_after__gt=now).first()
    if held is None or is_over(held) or not in_hours():
        return 0
    stage = mails_due(held)
    looked_at, letters = _look(held, stage, settings.MFA_CAMPAIGN_MAILS_PER_MINUTE - _on_their_way())
    if not looked_at:
        return 0
    _plan(letters)
    Member.objects.filter(campaign=held, account__in=[one.account_id for one in letters]).update(mailed_at=now)
    if held.stage < stage:
        record(EventName.CAMPAIGN_REMINDED, after={"campaign": held.name_en, "until": held.due_on.isoformat()})
    held.stage, held.mails_after = stage, now + TURN
    held.save(update_fields=["stage", "mails_after"])
    return len(letters)


def _on_their_way() -> int:
    """Reminders that were planned and have not gone out: when the mail server is slow, no more are added."""
    return Message.objects.filter(state__in=[MessageState.WAITING, MessageState.SENDING], template=TEMPLATE).count()


def _look(campaign: Campaign, stage: int, room: int) -> tuple[int, list[Message]]:
    """Look at members in turn until there are as many letters as there is room for; how many were looked at, and the letters."""
    stop_at, looked_at, last = time.monotonic() + LOOK_FOR, 0, 0
    letters: list[Message] = []
    behind = Member.objects.filter(campaign=campaign, reminded__lt=stage)
    left = behind.select_for_update(skip_locked=True, of=("self",)).select_related("account__affiliation").order_by("account_id")
    while len(letters) < room and (members := list(left.filter(account__gt=last)[:PORTION])):
        letters += islice(_letters(campaign, members), room - len(letters))
        last = letters[-1].account_id if len(letters) == room else members[-1].account_id
        looked_at += behind.filter(account__in=[one.account_id for one in members if one.account_id <= last]).update(reminded=stage)
        if time.monotonic() >= stop_at:
            break
    return looked_at, letters


def _letters(campaign: Campaign, members: Sequence[Member]) -> Iterator[Message]:
    """A mail for each of them who is to be told, in their order."""
    standings, last = standings_of(campaign, [member.account for member in members]), campaign.due_on <= today()
    gives_up_at = min(timezone.now() + KEEP_TRYING, closes_on(campaign.due_on))  # what it asks for would be over
    for member in members:
        to, where = addresses(member.account), standings.get(member.account_id)
        put_off = member.snoozed_until is not None and member.snoozed_until > today() and not last
        if where and to and not put_off:
            facts = facts_of(campaign, where, last=last)
            yield Message(account=member.account, channel="mail", template=TEMPLATE, address=to[0], facts=facts, gives_up_at=gives_up_at)


def _plan(letters: Sequence[Message]) -> None:
    """One after another, so that no code waits behind them."""
    now, pause = timezone.now(), TURN / max(len(letters), 1)
    for number, letter in enumerate(letters):
        letter.due_at = now + number * pause
    Message.objects.bulk_create(letters)


def standings_of(campaign: Campaign, accounts: Sequence[Account]) -> dict[int, Standing]:
    """Where each of these accounts stands that is in use, not excused, and has not finished; at most six queries for all."""
    learn(accounts)
    by_key = {account.pk: account for account in accounts}
    keys, methods = list(by_key), defaultdict[int, list[RegisteredMethod]](list)
    for method in RegisteredMethod.objects.filter(account__in=keys).exclude(state=MethodState.REMOVED):
        method.account = by_key[method.account_id]  # this very row: what it may verify with is known
        methods[method.account_id].append(method)
    uses = {one.account_id: Use(one) for one in Application.objects.filter(account__in=keys, state__in=LIVE)}
    free, found = _excused(keys), {}
    for account in accounts:
        mine = methods[account.pk]
        if account.is_active and account.pk not in free and not progress_of(account, mine).is_finished(campaign):
            found[account.pk] = next_of(account, mine, uses.get(account.pk, Use()), campaign)
    return found


def _excused(keys: Sequence[int]) -> set[int]:
    query, values = excused()
    with connection.cursor() as cursor:
        cursor.execute(f"{query} AND p.account_id IN ({', '.join(['%s'] * len(keys))})", [*values, *keys])
        return {pk for (pk,) in cursor.fetchall()}


def facts_of(campaign: Campaign, where: Standing, *, last: bool) -> dict[str, Any]:
    """What the mail says, in both languages: which one is read is known only when it is sent."""
    said: dict[str, Any] = {"until": campaign.due_on.isoformat(), "last": last, "requires": campaign.requires}
    said["moved"] = campaign.moved_on is not None and mails_due(campaign) == 1
    said["earlier"] = campaign.moved_from is not None and campaign.due_on < campaign.moved_from
    for language in LANGUAGES:
        said[f"name_{language}"] = getattr(campaign, f"name_{language}")
        said[f"words_{language}"] = getattr(campaign, f"words_{language}")
        said[f"sentence_{language}"] = _in(language, where.sentence)
        said[f"action_{language}"] = _in(language, where.action.label) if where.action else ""
    return said


def _in(language: str, words: str | Promise) -> str:
    with override(language):
        return str(words)
