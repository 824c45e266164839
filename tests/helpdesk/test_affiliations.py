"""A role for one affiliation: the whole matrix of role, action, rank and affiliation over HTTP, and nothing of others in any list (R-160)."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from accounts.roles import ROLES, Target, objection, powers
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals
from helpdesk.approvals import ask
from helpdesk.cases import open_case
from helpdesk.models import Approval, CallerProof, Case, CaseKind, CaseSource
from policies.applications import live_application
from policies.models import Termination, TerminationWish
from policies.terminations import request
from tests.architecture.url_map import pages
from tests.factories import a_totp_app, an_account, an_affiliation, signed_in
from tests.helpdesk.conftest import EVERYTHING, REASON, a_caller, a_report, prepared, verified
from tests.helpdesk.test_matrix import ACTIONS, BELOW, MAY

pytestmark = pytest.mark.django_db
LIMITABLE = ("counter", "helpdesk", "senior-helpdesk")
# What a grant that is limited to science (or holds for all) reaches: accounts of which affiliations.
REACHES = {"science": {"science"}, "all": {"science", "arts", "none"}}
TARGETS = ("holder", "helpdesk", "senior-helpdesk")
AFFILIATIONS = ("science", "arts", "none")
ROLES_OF_DESK = ("helpdesk", "senior-helpdesk")
MATRIX = [
    (role, scope, action, target, at)
    for role in ROLES_OF_DESK
    for scope in REACHES
    for action in ACTIONS
    for target in TARGETS
    for at in AFFILIATIONS
    if scope == "science" or target == "holder"  # the rest stands in test_matrix
]


def somebody(role: str = "", *, scope: str = "all", at: str = "none") -> Account:
    """An account of the affiliation `at`, whose role holds for `scope`."""
    account = an_account(affiliation=None if at == "none" else an_affiliation(at))
    if role and role != "holder":
        RoleGrant.objects.create(account=account, role=role, affiliation=None if scope == "all" else an_affiliation(scope))
    return account


def browser(account: Account) -> Client:
    client = Client()
    signed_in(client, account)
    return client


@pytest.mark.covers("S-146")
@pytest.mark.parametrize(("role", "scope", "action", "target", "at"), MATRIX)
def test_a_role_reaches_the_accounts_of_its_affiliation_alone(
    role: str, scope: str, action: str, target: str, at: str, somebody_else: Account
) -> None:
    actor, caller = somebody(role, scope=scope), prepared(action, somebody(target, at=at), somebody_else)
    answer = browser(actor).post(caller.url(action), EVERYTHING)
    reached = at in REACHES[scope]
    allowed = reached and action in MAY[role] and target in BELOW[role]
    assert caller.is_done(action) is allowed
    opens = action in MAY[role] or action in {"refuse-termination", "refuse"}  # which take back one's own request as well
    assert answer.status_code == (302 if allowed else 403 if reached or not opens else 404)
    assert Event.objects.filter(name=EventName.ACCESS_DENIED, actor_id=actor.pk).exists() is not allowed


OF_ACCOUNTS = [page.route.removeprefix("helpdesk/") for page in pages() if page.route.startswith("helpdesk/accounts/<")]


@pytest.mark.parametrize("route", OF_ACCOUNTS)
@pytest.mark.parametrize("at", ["arts", "none"])
def test_every_address_of_an_account_of_others_answers_as_if_there_were_none(route: str, at: str) -> None:
    """A new address of an account without this rule fails here."""
    desk, account = browser(somebody("senior-helpdesk", scope="science")), somebody(at=at)
    answers = []
    for common_id in (account.common_id, "1999999999"):
        address = f"/helpdesk/{route}".replace("<str:common_id>", common_id)
        for part in ("<uuid:one>", "<uuid:report_id>", "<uuid:export_id>"):
            address = address.replace(part, str(uuid.UUID(int=1)))
        found = [getattr(desk, verb)(address, REASON if verb == "post" else {}) for verb in ("get", "post")]
        answers.append([(answer.status_code, answer.content.replace(common_id.encode(), b"")) for answer in found])
    statuses = [[status for status, _page in found] for found in answers]
    assert statuses[0] == statuses[1]
    assert set(statuses[0]) <= {404, 405}


@pytest.fixture
def arts() -> Account:
    """Somebody of whom everything waits at the desk."""
    account = a_caller(somebody(at="arts")).account
    account.name_en, account.leaves_on = "Artful Dodger", timezone.localdate() + timedelta(days=7)
    account.save()
    asker = an_account(roles=("administrator",))
    case = verified(account)
    CallerProof.objects.create(case=case, sort="card", asked_by=asker, expires_at=timezone.now() + timedelta(minutes=5))
    ask(case, "require-reregistration", account, {}, actor=asker, reason="lost")
    a_report(account)
    request(account, actor=asker, reason="abroad")
    application = live_application(account)
    TerminationWish.objects.create(account=account, application=application, reason="away", asked_at=timezone.now())
    return account


LISTS = [
    "",
    "?q=Artful",
    "cases/",
    "approvals/",
    "confirmations/",
    "reports/",
    "terminations/",
    "deliveries/",
    "exceptions/",
    "leavers/?soon",
]


@pytest.mark.parametrize("address", LISTS)
def test_lists_show_only_whom_one_looks_after(address: str, arts: Account) -> None:
    everybody, science = somebody("senior-helpdesk"), somebody("senior-helpdesk", scope="science")
    for staff in (everybody, science):
        browser(everybody).get(reverse("helpdesk:account", args=[arts.common_id]))
        html = browser(staff).get(f"/helpdesk/{address}").content.decode()
        if address not in {"", "deliveries/", "exceptions/"} or staff is science:
            assert (arts.common_id in html) is (staff is everybody), address


def test_what_is_not_there_for_them_is_not_counted_either(arts: Account) -> None:
    assert "tab-count" in browser(somebody("helpdesk")).get("/helpdesk/").content.decode()
    science = browser(somebody("helpdesk", scope="science"))
    for address in ("", "?q=Artful", "cases/", "reports/", "terminations/"):
        assert "tab-count" not in science.get(f"/helpdesk/{address}").content.decode()


def test_a_search_finds_its_own_though_many_others_fit_better() -> None:
    for _ in range(60):
        an_account(name_en="Mori", affiliation=an_affiliation("arts"))
    mine = an_account(name_en="Mori Zen", affiliation=an_affiliation("science"))
    html = browser(somebody("helpdesk", scope="science")).get("/helpdesk/?q=Mori").content.decode()
    assert mine.common_id in html


@pytest.mark.parametrize("what", ["approval", "case", "proof", "report", "wish", "termination"])
def test_what_concerns_others_cannot_be_opened_by_its_own_number(what: str, arts: Account) -> None:
    science = browser(somebody("senior-helpdesk", scope="science"))
    case = Case.objects.filter(account=arts).earliest("pk")
    addresses = {
        "approval": reverse("helpdesk:approve", args=[Approval.objects.get(account=arts).pk]),
        "case": reverse("helpdesk:take-case", args=[case.number]),
        "proof": reverse("helpdesk:attest-proof", args=[CallerProof.objects.filter(state="waiting").latest("pk").pk]),
        "report": reverse("helpdesk:settle-report", args=[a_report(arts).pk]),
        "wish": reverse("helpdesk:decline-wish", args=[TerminationWish.objects.latest("pk").uid]),
        "termination": reverse("helpdesk:refuse-termination", args=[Termination.objects.get(application__account=arts).uid]),
    }
    assert science.post(addresses[what], REASON | {"seen": "yes"}).status_code == 404


def test_a_case_of_no_account_is_for_those_who_look_after_all() -> None:
    case = open_case(None, actor=None, kind=CaseKind.SIGN_IN, source=CaseSource.HOLDER, typed="9999999999")
    address = reverse("helpdesk:case", args=[case.number])
    assert browser(somebody("helpdesk")).get(address).status_code == 200
    assert browser(somebody("helpdesk", scope="science")).get(address).status_code == 404


def test_seniority_in_one_faculty_is_none_in_another() -> None:
    """A senior of science who helps out in arts does there what the help desk does, and nothing to a colleague."""
    actor = somebody("senior-helpdesk", scope="science")
    RoleGrant.objects.create(account=actor, role="helpdesk", affiliation=an_affiliation("arts"))
    colleague, student = somebody("helpdesk", at="arts"), somebody(at="arts")
    own = powers(actor)
    assert objection(actor, own, "account:lock", Target(student)) == ""
    assert objection(actor, own, "methods:reset", Target(student)) == "out-of-scope"
    assert objection(actor, own, "account:lock", Target(colleague, powers(colleague))) == "equal-or-higher-role"
    there = somebody("helpdesk", at="science")
    assert objection(actor, own, "account:lock", Target(there, powers(there))) == ""


def test_an_account_that_moves_to_another_faculty_moves_out_of_reach_at_once() -> None:
    desk, account = browser(somebody("helpdesk", scope="science")), somebody(at="science")
    page = reverse("helpdesk:account", args=[account.common_id])
    assert desk.get(page).status_code == 200
    Account.objects.filter(pk=account.pk).update(affiliation=an_affiliation("arts"))
    assert desk.get(page).status_code == 404


def test_roles_that_look_after_the_site_are_not_limited() -> None:
    assert {role.code for role in ROLES.values() if role.limitable} == set(LIMITABLE)


def test_an_approval_is_dropped_when_the_account_moves_out_of_reach() -> None:
    actor, other = somebody("senior-helpdesk", scope="science"), somebody("senior-helpdesk")
    account = somebody(at="science")
    a_totp_app(account)
    approval = ask(verified(account), "require-reregistration", account, {}, actor=actor, reason="lost")
    approvals.approve(approval, actor=other)
    type(approval).objects.update(due_at=timezone.now())
    Account.objects.filter(pk=account.pk).update(affiliation=an_affiliation("arts"))
    assert approvals.carry_out_due() == 0
    assert Event.objects.get(name=EventName.ACTION_DROPPED).after["why"] == "out-of-scope"
