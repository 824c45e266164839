"""The part of policies.py that runs within the site: fill, decide, replay; a line for each figure."""

import resource
import statistics
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from random import Random

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Affiliation
from audit.bulk import insert
from audit.models import Event
from methods.models import RegisteredMethod
from methods.usable import listed
from policies import replaying
from policies.current import current_book
from policies.facts import Circumstances, facts_for
from policies.models import Found, PolicyVersion, Replay
from policies.models.replays import ReplayState
from policies.models.versions import VersionState
from policies.requirements import decide
from policies.rulebook.content import Asks, Book, Mode, Network, NetworkKind, Part, Place, Rule
from policies.rulebook.storing import to_json

RULES, RANGES, PER_NETWORK, PORTION, DECISIONS = 200, 2000, 20, 20_000, 2000
random = Random(5)


def inside(count: int) -> None:
    """Fill, and measure."""
    old, new = _books()
    _keep(1, old, VersionState.IN_FORCE)
    draft = _keep(2, new, VersionState.DRAFT)
    accounts = list(Account.objects.values_list("pk", flat=True))
    _give_methods(accounts)
    _fill(accounts, count)
    _decide(accounts)
    _replay(draft)


def _books() -> tuple[Book, Book]:
    """A policy in which nearly every rule is looked at before one decides, and a draft of it in which ten rules ask for something else."""
    ranges = [f"10.{number // 256}.{number % 256}.0/25" for number in range(RANGES)]
    networks = tuple(
        Network(f"Network {first}", f"{first}", f"net-{first}", NetworkKind.CAMPUS, tuple(ranges[first : first + PER_NETWORK]))
        for first in range(0, RANGES, PER_NETWORK)
    )
    codes = sorted(Affiliation.objects.values_list("code", flat=True))

    def rule(number: int) -> Rule:
        who, where = frozenset({codes[number % len(codes)]}), frozenset({networks[number % len(networks)].code})
        asks = (Asks.NONE, Asks.VERIFY, Asks.STRONG)[number % 3]
        said = {"id": f"rule{number}", "part": Part.SIGN_IN, "asks": asks, "affiliations": who, "place": Place.NETWORKS, "networks": where}
        return Rule(f"Rule {number}", f"{number}", **said)

    rules = tuple(rule(number) for number in range(RULES - 1))
    last = Rule("Everybody", "全員", id="last", part=Part.SIGN_IN, asks=Asks.VERIFY)
    stricter = tuple(replace(one, asks=Asks.REFUSE if place < 5 else Asks.NONE, mode=Mode.REPORT) for place, one in enumerate(rules[:10]))
    return Book(1, (*rules, last), networks), Book(2, (*stricter, *rules[10:], last), networks)


def _keep(number: int, book: Book, state: VersionState) -> PolicyVersion:
    now = timezone.now()
    in_force = now if state == VersionState.IN_FORCE else None
    return PolicyVersion.objects.create(number=number, state=state, content=to_json(book), made_at=now, in_force_at=in_force)


def _give_methods(accounts: list[int]) -> None:
    """An app for three of four."""
    owners = accounts[: len(accounts) * 3 // 4]
    for start in range(0, len(owners), PORTION):
        rows = [RegisteredMethod(account_id=one, kind="totp", name="App", is_default=True) for one in owners[start : start + PORTION]]
        RegisteredMethod.objects.bulk_create(rows)


def _fill(accounts: list[int], count: int) -> None:
    """So many right passwords, over the last 29 days, half of them from a network of the policy."""
    now = timezone.now()
    step = timedelta(days=29) / count
    for start in range(0, count, PORTION):
        size = min(PORTION, count - start)
        people = [random.choice(accounts) for _ in range(size)]
        insert(
            Event,
            {
                "uid": [uuid.uuid4() for _ in range(size)],
                "at": [now - step * (count - start - number) for number in range(size)],
                "name": ["password:accepted"] * size,
                "account_id": people,
                "actor_id": people,
                "actor_kind": ["self"] * size,
                "address": [_address() for _ in range(size)],
                "before": [{}] * size,
                "after": [{"rule": "1:last", "sensitive": number % 7 == 0} for number in range(size)],
                **{name: [""] * size for name in ("account_label", "actor_label", "reason", "verified_with", "browser")},
                **{name: [""] * size for name in ("request_id", "attempt", "session")},
            },
        )


def _address() -> str:
    first = "10" if random.random() < 0.5 else "203"
    return f"{first}.{random.randrange(8)}.{random.randrange(256)}.{random.randrange(256)}"


def _decide(accounts: list[int]) -> None:
    """The part of a sign-in that decides: the version, the facts, the rule."""
    some = list(Account.objects.filter(pk__in=random.sample(accounts, DECISIONS)).select_related("affiliation"))
    known = [(account, listed(account)) for account in some]
    whole, pure = [], []
    queries = 0
    for account, methods in known:
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            book = current_book()
            facts = facts_for(account, methods, book, Circumstances(address=_address()))
            between = time.perf_counter()
            decide(facts, book)
            ended = time.perf_counter()
        queries = max(queries, len(asked) if account is not known[0][0] else 0)
        whole.append(ended - began)
        pure.append(ended - between)
    print(f"{RULES} rules, {RANGES:,} ranges; queries of a decision besides the methods of the account: {queries}")
    for words, seconds in (("facts and decision, milliseconds", whole), ("decision alone, milliseconds", pure)):
        ordered = sorted(seconds)
        print(f"{words:<40}median {statistics.median(ordered) * 1000:.2f}, p95 {ordered[len(ordered) * 95 // 100] * 1000:.2f}")


def _replay(draft: PolicyVersion) -> None:
    keys = Event.objects.filter(name="password:accepted").order_by("pk").values_list("pk", flat=True)
    first, last, total, now = keys.first(), keys.last(), keys.count(), timezone.now()
    planned = Replay.objects.create(
        number=2, against=1, content=draft.content, first=first, cursor=(first or 0) - 1, last=last, total=total,
        made_by=Account.objects.all()[0], made_at=now, seen_at=now,
    )  # fmt: skip
    wall, used = time.perf_counter(), time.process_time()
    replaying.run(planned.uid, until=now + timedelta(hours=1))
    wall, used = time.perf_counter() - wall, time.process_time() - used
    planned.refresh_from_db()
    if (planned.state, planned.done) != (ReplayState.DONE, total):
        raise SystemExit(f"the dry run did not come to its end: {planned.state} after {planned.done:,}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"dry run of {total:,} sign-ins: {wall:.0f} s by the clock, {used:.0f} s of processor, {memory} MB, {Found.objects.count():,} findings"
    )
