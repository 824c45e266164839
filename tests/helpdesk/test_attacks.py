"""What somebody would try who has got hold of a session of staff, or of nothing at all: over HTTP, at once where that could help."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals
from helpdesk.actions import act
from helpdesk.models import Approval, ApprovalState, Case, StaffCount, Stop
from helpdesk.stops import stop
from methods.models import Message
from methods.usable import listed
from tests.factories import a_totp_app, an_account, signed_in
from tests.harness.parallel import Outcome
from tests.helpdesk.conftest import DAYS, REASON, a_caller, verified
from tests.helpdesk.test_actions import ACTIONS

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]
RESET = "require-reregistration"
FORMULAS = ['=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1"]
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def browser(account: Account) -> Client:
    client = Client()
    signed_in(client, account)
    return client


def a_reset(account: Account, by: Account) -> Approval:
    a_totp_app(account)
    verified(account)
    made = act(RESET, account, actor=by, reason="lost everything")
    assert made
    return made


def url(name: str, *args: object) -> str:
    return reverse(f"helpdesk:{name}", args=args)


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_on_themselves(action: str, ada: Account) -> None:
    mine = a_caller(ada)
    assert browser(ada).post(mine.url(action), DAYS).status_code == 403
    assert not mine.is_done(action)
    assert Event.objects.get(name=EventName.ACCESS_DENIED).after["why"] == "own-account"


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_on_a_superior(action: str, hiro: Account, ada: Account) -> None:
    theirs = a_caller(ada)
    assert browser(hiro).post(theirs.url(action), DAYS).status_code == 403
    assert not theirs.is_done(action)


def test_nobody_decides_on_their_own_request_in_any_of_their_browsers(hana: Account, sato: Account) -> None:
    request = a_reset(hana, sato)
    for client in (browser(sato), browser(sato)):
        assert client.post(url("approve", request.pk)).status_code == 403
    assert Approval.objects.get().state == ApprovalState.REQUESTED


@pytest.mark.parametrize(
    "fields", [{"requested_by": "1"}, {"actor": "1"}, {"state": "waiting"}, {"due_at": "2020-01-01"}, {"decided_by": "1"}]
)
def test_what_a_form_adds_changes_nothing(fields: dict[str, str], hana: Account, sato: Account) -> None:
    request = a_reset(hana, sato)
    before = Approval.objects.values().get()
    browser(sato).post(url("approve", request.pk), fields)
    assert Approval.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_one_who_approves_in_many_browsers_at_once_approves_once(hana: Account, sato: Account, ada: Account, parallel: Parallel) -> None:
    request = a_reset(hana, sato)
    browsers = [browser(ada) for _ in range(4)]
    outcomes = parallel(4, lambda number: browsers[number].post(url("approve", request.pk)).status_code)
    assert sorted(outcome.value for outcome in outcomes) == [302, 409, 409, 409]
    assert Event.objects.filter(name=EventName.ACTION_APPROVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_account_changes_while_it_is_approved(hana: Account, sato: Account, ada: Account, parallel: Parallel) -> None:
    """Either it was approved as it stood and is dropped later, or it is refused: never done to what nobody has seen."""
    request, client = a_reset(hana, sato), browser(ada)
    parallel(2, lambda number: client.post(url("approve", request.pk)) if number else a_totp_app(hana, name="added meanwhile"))
    Approval.objects.filter(state=ApprovalState.WAITING).update(due_at=timezone.now())
    approvals.carry_out_due()
    assert Approval.objects.get().state in {ApprovalState.DROPPED, ApprovalState.REQUESTED}
    assert len(listed(hana)) == 2


@pytest.mark.django_db(transaction=True)
def test_the_owner_stops_it_while_a_worker_does_it(hana: Account, sato: Account, ada: Account, parallel: Parallel) -> None:
    request = a_reset(hana, sato)
    approvals.approve(request, actor=ada)
    Approval.objects.update(due_at=timezone.now())
    link = Stop.objects.filter(account=hana).latest("made_at")
    parallel(2, lambda number: approvals.carry_out_due() if number else stop(link.pk))
    hana.refresh_from_db()
    done = not listed(hana)
    assert (Approval.objects.get().state == ApprovalState.DONE) is done
    assert (hana.locked_at is not None) is done, "what was done before the owner could stop it leaves a locked account"


@pytest.mark.parametrize("action", ["unlock", "remove-method", "issue-pass", RESET])
def test_a_right_that_was_withdrawn_a_moment_ago_is_worth_nothing(action: str, sato: Account) -> None:
    theirs, client = a_caller(an_account()), browser(sato)
    assert client.get(theirs.page).status_code == 200
    RoleGrant.objects.filter(account=sato).update(role="auditor")
    assert client.post(theirs.url(action), DAYS).status_code == 403
    assert not theirs.is_done(action)


@pytest.mark.django_db(transaction=True)
def test_a_right_is_withdrawn_while_it_is_used_by_many_browsers(ada: Account, sato: Account, parallel: Parallel) -> None:
    accounts, browsers = [an_account() for _ in range(4)], [browser(sato) for _ in range(4)]

    def use(number: int) -> int:
        if number == 4:
            RoleGrant.objects.filter(account=sato).delete()
            return 0
        return browsers[number].post(url("lock", accounts[number].common_id), REASON).status_code

    outcomes = parallel(5, use)
    assert {outcome.value for outcome in outcomes} <= {0, 302, 403}
    locked = Account.objects.exclude(locked_at=None).count()
    assert locked == sum(outcome.value == 302 for outcome in outcomes)
    assert all(one.post(url("lock", accounts[0].common_id), REASON).status_code == 403 for one in browsers)


def ask_for_help(common_id: str) -> Any:
    return Client().post("/cannot-sign-in/", {"common_id": common_id, "what": "lost", "text": ""})


@pytest.mark.parametrize("whose", ["holder", "staff", "left", "locked", "scoped", "nobody"])
def test_the_public_form_tells_nothing_about_whose_id_it_is(whose: str) -> None:
    changes: dict[str, dict[str, Any]] = {"left": {"left_at": timezone.now()}, "locked": {"locked_at": timezone.now()}}
    known = an_account(roles=("administrator",) if whose == "staff" else (), **changes.get(whose, {}))
    common_id = "1999999999" if whose == "nobody" else known.common_id
    answer, compared = ask_for_help(common_id), ask_for_help(an_account().common_id)
    pages = []
    for one, number in ((answer, Case.objects.earliest("pk")), (compared, Case.objects.latest("pk"))):
        pages.append(one.content.decode().replace(number.said, "").replace(number.number, "").split("<main")[1])
    assert (answer.status_code, pages[0]) == (compared.status_code, pages[1])
    assert {*answer.headers} == {*compared.headers}
    assert not Message.objects.exists(), "whoever types the id of another causes no mail"
    assert mail.outbox == []


def test_the_public_form_does_the_same_work_for_every_id() -> None:
    counts = []
    for common_id in (an_account().common_id, "1999999999", an_account(left_at=timezone.now()).common_id):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert ask_for_help(common_id).status_code == 200
        counts.append(len([one for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]))
    assert len(set(counts)) == 1, counts


def test_a_script_in_a_note_a_reason_or_a_typed_id_is_only_text(hana: Account, hiro: Account, aki: Account) -> None:
    desk = browser(hiro)
    desk.post(url("open-case", hana.common_id), {"kind": "other", "reason": SCRIPT})
    case = Case.objects.get()
    desk.post(url("note-case", case.number), {"reason": SCRIPT})
    desk.post(url("lock", hana.common_id), {"reason": SCRIPT})
    desk.get("/helpdesk/", {"q": SCRIPT})
    pages = [desk.get(url("account", hana.common_id)), desk.get("/helpdesk/", {"q": SCRIPT}), desk.get("/helpdesk/cases/")]
    desk.post(url("close-case", case.number), {"reason": SCRIPT})
    pages += [desk.get(url("case", case.number)), browser(aki).get("/audit/"), browser(hana).get("/my-account/activity/", follow=True)]
    for page in pages:
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_reason_is_text_in_every_file(text: str, hana: Account, hiro: Account, aki: Account) -> None:
    browser(hiro).post(url("lock", hana.common_id), {"reason": f"x {text}"})
    Account.objects.filter(pk=hana.pk).update(name_en=text)
    browser(hiro).post(url("end-session", hana.common_id, signed_in(Client(), hana).uid), {"reason": text})
    auditor = browser(aki)
    for address in ("/audit/exports/events.csv", "/audit/report/method-changes.csv"):
        rows = list(csv.reader(io.StringIO(b"".join(auditor.get(address)).decode("utf-8-sig"))))
        assert [
            cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r") and not cell.lstrip("+-").replace(".", "").isdigit()
        ] == []
    answer = auditor.get("/audit/report/method-changes.xlsx")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert all(b"<f>" not in book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))


def test_a_mass_reset_stops_at_the_limit_and_tells_others(sato: Account, ada: Account, settings: Any) -> None:
    settings.MFA_STAFF_LIMITS = [f"{RESET}=3/5"]
    desk, done = browser(sato), []
    for _ in range(6):
        account = a_caller(an_account()).account
        done.append(desk.post(url(RESET, account.common_id), REASON).status_code)
    assert done == [302, 302, 302, 403, 403, 403]
    assert Approval.objects.count() == 3
    assert Message.objects.filter(account=ada, template="staff-busy").exists()
    StaffCount.objects.filter(period="hour").update(since=timezone.now() - timedelta(hours=2))
    assert [desk.post(url(RESET, a_caller(an_account()).account.common_id), REASON).status_code for _ in range(3)] == [302, 302, 403]


@pytest.mark.django_db(transaction=True)
def test_a_mass_reset_from_many_browsers_at_once_stops_at_the_limit(sato: Account, settings: Any, parallel: Parallel) -> None:
    settings.MFA_STAFF_LIMITS = [f"{RESET}=2/2"]
    people, browsers = [a_caller(an_account()).account for _ in range(6)], [browser(sato) for _ in range(6)]
    parallel(6, lambda number: browsers[number].post(url(RESET, people[number].common_id), REASON).status_code)
    assert Approval.objects.count() == 2
