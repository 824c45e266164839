"""The dry run: past sign-ins decided once more, in stretches that can be stopped, resumed, and are counted once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from policies import replaying
from policies.drafting import Change, begin, change
from policies.models import Found, Replay
from policies.models.replays import ReplayState
from policies.rulebook.content import Book
from policies.tasks import replay as task
from tests.factories import a_totp_app
from tests.policies.books import in_force, rules_of

pytestmark = pytest.mark.django_db
HALL, OUTSIDE = "192.0.2.7", "203.0.113.9"
LATER = timedelta(minutes=5)


def sign_ins(account: Account, address: str, times: int, **fields: Any) -> None:
    known = {"name": "password:accepted", "at": timezone.now(), "account_id": account.pk, "actor_kind": "self", "address": address}
    Event.objects.bulk_create(Event(**known | fields) for _ in range(times))


def a_draft(*rules: dict[str, Any], actor: Account) -> None:
    draft = begin(actor=actor)

    def make(book: Book) -> Book:
        return Book(book.number, rules_of(*rules), book.networks, book.groups)

    change(draft.edits, Change(make), actor=actor)


def found() -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for row in Found.objects.select_related("account"):
        key = row.account.common_id, row.finding
        totals[key] = totals.get(key, 0) + row.signins
    return totals


@pytest.fixture
def planned(hana: Account, ken: Account, ada: Account) -> Replay:
    """Hana (a student with an app) and Ken (staff without) have signed in; the draft asks students outside less and staff more."""
    a_totp_app(hana)
    in_force({"asks": "verify", "kinds": ["student"]}, {"asks": "none"}, {"part": "registration", "asks": "open"})
    sign_ins(hana, HALL, 3)
    sign_ins(hana, OUTSIDE, 2)
    sign_ins(ken, OUTSIDE, 4)
    sign_ins(hana, HALL, 5, at=timezone.now() - timedelta(days=40))
    sign_ins(ken, OUTSIDE, 1, name="password:refused")
    a_draft(
        {"asks": "none", "kinds": ["student"], "place": "campus"},
        {"asks": "strong", "kinds": ["student"]},
        {"asks": "refuse", "kinds": ["staff"], "mode": "report"},
        actor=ada,
    )
    return replaying.start(actor=ada)


def test_it_says_who_would_be_asked_what(planned: Replay, hana: Account, ken: Account) -> None:
    assert planned.total == 9
    assert replaying.run(planned.uid, until=timezone.now() + LATER) is False
    planned.refresh_from_db()
    assert (planned.state, planned.done) == (ReplayState.DONE, 9)
    assert found() == {
        (hana.common_id, "less"): 3,
        (hana.common_id, "more"): 2,
        (hana.common_id, "refused"): 2,
        (hana.common_id, "no-method"): 2,
        (ken.common_id, "more"): 4,
        (ken.common_id, "refused"): 4,
        (ken.common_id, "no-method"): 4,
    }
    assert replaying.by_affiliation(planned)["science"] == {"less": (1, 3), "more": (1, 2), "refused": (1, 2), "no-method": (1, 2)}


def test_stopped_it_stands_still_and_resumed_it_counts_nothing_twice(planned: Replay, ada: Account, monkeypatch: Any) -> None:
    whole = replaying.run(planned.uid, until=timezone.now() + LATER) or found()
    Found.objects.all().delete()
    Replay.objects.update(state=ReplayState.WAITING, cursor=planned.cursor, done=0)
    monkeypatch.setattr(replaying, "STRETCH", 4)
    assert replaying.run(planned.uid, until=timezone.now()) is True
    replaying.stop(planned, actor=ada)
    some = found()
    assert replaying.run(planned.uid, until=timezone.now() + LATER) is False
    assert found() == some != whole
    replaying.resume(planned, actor=ada)
    task(str(planned.uid))
    assert found() == whole
    planned.refresh_from_db()
    assert (planned.state, planned.done) == (ReplayState.DONE, 9)


def test_a_worker_that_was_thought_lost_writes_nothing_any_more(planned: Replay, ada: Account) -> None:
    late = Replay.objects.get(pk=planned.pk)
    Replay.objects.update(seen_at=timezone.now() - timedelta(hours=1), state=ReplayState.RUNNING)
    replaying.resume(planned, actor=ada)
    judge = replaying.Judge(replaying.current_book(), replaying.current_book())
    assert replaying._stretch(late, judge) is False
    assert not Found.objects.exists()


def test_the_pages_begin_show_and_hand_out_the_list(
    planned: Replay, ada: Account, hana: Account, browser_of: Callable[..., Client]
) -> None:
    Account.objects.filter(pk=hana.pk).update(name_en="=cmd")
    client = browser_of(ada)
    assert client.post("/policies/dry-run/begin/")["Location"] == "/policies/dry-run/"
    newest = Replay.objects.latest("pk")
    assert "0 of 9 sign-ins" in client.get("/policies/dry-run/").content.decode()
    client.post(f"/policies/dry-run/{newest.uid}/stop/")
    assert "Resume" in client.get("/policies/dry-run/progress/").content.decode()
    client.post(f"/policies/dry-run/{newest.uid}/resume/")
    replaying.run(newest.uid, until=timezone.now() + LATER)
    page = client.get("/policies/dry-run/progress/").content.decode()
    assert "Faculty of Science" in page
    assert "data-poll-done" in page
    lines = client.get(f"/policies/dry-run/{newest.uid}/list/").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "common_id,name_en,affiliation,finding,sign_ins"
    assert f"{hana.common_id},'=cmd,science,less,3" in lines
