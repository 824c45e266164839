"""A dry run: the sign-ins of the last 30 days decided once more, by what is in force and by the draft, or by the rules that only report.

Accounts count as they are today; address, moment, page and the country of a journey are those of the sign-in. Rules of the draft that only report count as if they
were on: that is what one wants to know of them. The work goes in stretches, each kept with what it found, so that it can be stopped,
resumed by any worker, and is never counted twice.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, JSONField, Max, Min, Sum, Value

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.bulk import insert
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from policies.clock import database_now, day_of
from policies.current import book_numbered, current_book
from policies.drafting import RIGHT, in_force, open_version
from policies.models import Found, PolicyVersion, Replay
from policies.models.replays import Finding, ReplayState
from policies.networks import networks_at
from policies.population import Population
from policies.requirements import Outcome, Requirement, decide, would_decide
from policies.rulebook.content import Book
from policies.rulebook.storing import from_json

DAYS = timedelta(days=30)
STRETCH = 25_000
STALE = timedelta(seconds=60)
MOST_KEPT = 200_000
Key = tuple[int, frozenset[str], frozenset[str], frozenset[str], str, bool]
Row = tuple[int, int | None, str | None, datetime, bool | None, list[str] | None]
NOWHERE: frozenset[str] = frozenset()
STRENGTH = {Outcome.ALLOW: 0, Outcome.REGISTER: 1, Outcome.ADDRESS: 2, Outcome.VERIFY: 3, Outcome.PASS: 4, Outcome.REFUSE: 5}


def tried() -> PolicyVersion | None:
    """The draft, or the version that waits for a second person; without either the one in force, where rules of it only report."""
    return open_version() or (in_force() if current_book().reports else None)


@transaction.atomic
def start(*, actor: Account) -> Replay:
    """Plan a dry run of what `tried` names; Refused where there is nothing to try."""
    require(actor, RIGHT)
    draft = tried()
    if draft is None:
        raise Refused("draft-gone")
    now = database_now()
    events = Event.objects.filter(name=EventName.PASSWORD_ACCEPTED)
    span = events.filter(at__gte=now - DAYS).aggregate(first=Min("pk"), last=Max("pk"), total=Count("pk"))
    Replay.objects.filter(made_at__lt=now - DAYS).delete()
    first = span["first"] or 0
    made = Replay.objects.create(
        number=draft.number, against=current_book().number, content=draft.content, first=first, cursor=first - 1,
        last=span["last"] or 0, total=span["total"], made_by=actor, made_at=now, seen_at=now,
    )  # fmt: skip
    record(EventName.POLICY_TRIED, actor=actor, after={"policy": draft.number})
    return made


@transaction.atomic
def stop(replay: Replay, *, actor: Account) -> None:
    """No further stretch; what was found so far stays."""
    require(actor, RIGHT)
    Replay.objects.filter(pk=replay.pk, state__in=[ReplayState.WAITING, ReplayState.RUNNING]).update(state=ReplayState.STOPPED)


@transaction.atomic
def resume(replay: Replay, *, actor: Account) -> None:
    """Go on where it stopped, or where a worker was lost."""
    require(actor, RIGHT)
    fresh = Replay.objects.select_for_update().get(pk=replay.pk)
    if fresh.state == ReplayState.STOPPED or (fresh.state != ReplayState.DONE and fresh.seen_at < database_now() - STALE):
        fresh.state, fresh.attempt, fresh.seen_at = ReplayState.WAITING, fresh.attempt + 1, database_now()
        fresh.save(update_fields=["state", "attempt", "seen_at"])


def run(uid: uuid.UUID, *, until: datetime) -> bool:
    """Work until it is done, stopped, or the moment `until`; whether something is left for another call."""
    replay = Replay.objects.filter(uid=uid, state__in=[ReplayState.WAITING, ReplayState.RUNNING]).first()
    old = book_numbered(replay.against) if replay else None
    if replay is None or old is None:
        return False
    judge = Judge(old, from_json(replay.content, number=replay.number))
    while _stretch(replay, judge):
        if database_now() >= until:
            return True
    return False


def _stretch(replay: Replay, judge: "Judge") -> bool:
    """Decide the next stretch and keep what was found with how far it came; whether there is more to do."""
    events = Event.objects.filter(name=EventName.PASSWORD_ACCEPTED, pk__gt=replay.cursor, pk__lte=replay.last).order_by("pk")
    countries = F("after__facts__countries") if judge.looks_at_countries else Value(None, JSONField())
    rows = list(events.values_list("pk", "account_id", "address", "at", "after__sensitive", countries)[:STRETCH])
    found = judge.judge(rows)
    with transaction.atomic():
        mine = Replay.objects.select_for_update().filter(pk=replay.pk, attempt=replay.attempt)
        held = mine.filter(state__in=[ReplayState.WAITING, ReplayState.RUNNING]).first()
        if held is None or held.cursor != replay.cursor:
            return False
        more = len(rows) == STRETCH
        replay.cursor = rows[-1][0] if rows else replay.cursor
        replay.done += len(rows)
        mine.update(cursor=replay.cursor, done=replay.done, seen_at=database_now(), state=ReplayState.RUNNING if more else ReplayState.DONE)
        _keep(replay, found)
    return more


def _keep(replay: Replay, found: Counter[tuple[int, Finding]]) -> None:
    pairs = list(found)
    columns: dict[str, list[Any]] = {
        "replay": [replay.pk] * len(pairs),
        "account": [account for account, _finding in pairs],
        "finding": [finding.value for _account, finding in pairs],
        "signins": [found[pair] for pair in pairs],
    }
    insert(Found, columns)


class Judge:
    """Decides sign-ins by both versions; what it has decided once it does not decide again."""

    def __init__(self, old: Book, new: Book) -> None:
        self.old, self.new = old, new
        self.people = Population(old, new)
        self.looks_at_countries = old.looks_at_countries or new.looks_at_countries
        self.places: dict[str | None, tuple[frozenset[str], frozenset[str]]] = {}
        self.decided: dict[Key, tuple[Finding, ...]] = {}
        self.days: dict[int, str] = {}

    def judge(self, rows: Sequence[Row]) -> Counter[tuple[int, Finding]]:
        """How many sign-ins of each account would be what."""
        self.people.learn({row[1] for row in rows if row[1]})
        found: Counter[tuple[int, Finding]] = Counter()
        for _pk, account, address, at, sensitive, countries in rows:
            person = self.people.number_of(account or 0)
            if account and person is not None:
                travels = frozenset(countries) if countries else NOWHERE
                key = (person, *self._place(address), travels, self._day(at), sensitive is True)
                findings = self.decided.get(key)
                for finding in self._decide(key) if findings is None else findings:
                    found[account, finding] += 1
        return found

    def _place(self, address: str | None) -> tuple[frozenset[str], frozenset[str]]:
        known = self.places.get(address)
        if known is None:
            if len(self.places) > MOST_KEPT:
                self.places.clear()
            known = self.places[address] = networks_at(address, self.old), networks_at(address, self.new)
        return known

    def _day(self, moment: datetime) -> str:
        """The day of a moment; all within one quarter of an hour are on the same day, in every time zone."""
        key = int(moment.timestamp()) // 900
        return self.days.get(key) or self.days.setdefault(key, day_of(moment))

    def _decide(self, key: Key) -> tuple[Finding, ...]:
        person, here, there, countries, day, sensitive = key
        old, new = (replace(facts, countries=countries, day=day, sensitive=sensitive) for facts in self.people.facts[person])
        before, after = decide(replace(old, networks=here), self.old), would_decide(replace(new, networks=there), self.new)
        found = self.decided[key] = tuple(_findings(before, after, lacking=new.none_usable or after.strong))
        return found


def _findings(before: Requirement, after: Requirement, *, lacking: bool) -> Iterator[Finding]:
    old, new = ((STRENGTH[one.outcome], one.strong) for one in (before, after))
    if new > old:
        yield Finding.MORE
    if new < old:
        yield Finding.LESS
    if after.outcome is Outcome.REFUSE:
        yield Finding.REFUSED
        if lacking:
            yield Finding.NO_METHOD


def by_affiliation(replay: Replay) -> dict[str, dict[str, tuple[int, int]]]:
    """Accounts and sign-ins of each finding, by the code of the affiliation."""
    rows = Found.objects.filter(replay=replay).values_list("account__affiliation__code", "finding")
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for code, finding, accounts, signins in rows.annotate(Count("account", distinct=True), Sum("signins")).order_by(
        "account__affiliation__code"
    ):
        found.setdefault(code or "", {})[finding] = accounts, signins
    return found
