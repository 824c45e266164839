"""A declared outage: prepared in a version, two people, another order and nothing else, over by itself, reported afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from audit.wording import sentence
from methods.allowance import allowance_of
from methods.models import MethodState, RegisteredMethod
from methods.options import options
from methods.usable import listed, only_usable
from policies.clock import database_now
from policies.current import book_of, current_book
from policies.facts import Circumstances, facts_of
from policies.models import Outage, PolicyVersion
from policies.models.outages import OutageState
from policies.models.versions import VersionState
from policies.outages import agree, ask_for, end, look_after, open_outage
from policies.requirements import decide
from policies.rulebook.contingency import Contingency, Declared, contingency_from_json
from policies.rulebook.storing import from_json, to_json
from policies.ties import Ties
from tests.factories import a_method, a_phone, a_totp_app, a_verification, an_account
from tests.policies.books import a_book, in_force
from tests.signin.door import enter_code, enter_password

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
ALWAYS = {"asks": "verify"}
PHONES = Contingency("Texts do not arrive", "SMSが届きません", id="phones", out=("phone.text", "phone.call"), hours=6)
PUSH = Contingency(
    "Notifications do not arrive", "通知が届きません", id="push", out=("push.approve",), kinds=frozenset({"student"}), hours=2
)


@pytest.fixture
def bo() -> Account:
    account = an_account("1000000009", roles=("administrator",), name_en="Bo Second")
    a_totp_app(account)
    a_method(account, "fido", name="key")
    return account


def prepared(*what: Contingency, rules: tuple[dict[str, Any], ...] = (ALWAYS,)) -> None:
    in_force(*rules, contingencies=what or (PHONES,))


def declared(ada: Account, bo: Account, what: str = "phones") -> Outage:
    return agree(ask_for(what, hours=2, actor=ada, reason="the provider is down").uid, actor=bo)


def fresh(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


class TestDeclaring:
    def test_one_asks_and_another_agrees(self, ada: Account, bo: Account) -> None:
        prepared()
        row = ask_for("phones", hours=2, actor=ada, reason="the provider is down")
        assert current_book().outage is None
        with pytest.raises(Refused, match="own-outage"):
            agree(row.uid, actor=ada)
        agree(row.uid, actor=bo)
        assert current_book().outage
        events = Event.objects.filter(name__startswith="outage:").order_by("pk")
        assert [(event.name, event.actor_id) for event in events] == [("outage:requested", ada.pk), ("outage:begun", bo.pk)]
        with override("en"):
            assert "1000000009 declared “Texts do not arrive”" in sentence(events[1])

    def test_only_administrators_may(self, hana: Account, ada: Account, bo: Account) -> None:
        prepared()
        with pytest.raises(Refused, match="not-allowed"):
            ask_for("phones", hours=2, actor=hana, reason="x")
        row = ask_for("phones", hours=2, actor=ada, reason="x")
        with pytest.raises(Refused, match="not-allowed"):
            agree(row.uid, actor=hana)

    @pytest.mark.parametrize("lost", ["role", "lock"])
    def test_whoever_asked_must_still_be_allowed_to(self, ada: Account, bo: Account, lost: str) -> None:
        prepared()
        row = ask_for("phones", hours=2, actor=ada, reason="x")
        if lost == "role":
            RoleGrant.objects.filter(account=ada).delete()
        else:
            Account.objects.filter(pk=ada.pk).update(locked_at=timezone.now())
        with pytest.raises(Refused, match="policy-requester-may-not"):
            agree(row.uid, actor=bo)

    def test_it_lasts_no_longer_than_was_prepared(self, ada: Account) -> None:
        prepared()
        for hours in (0, -1, 7):
            with pytest.raises(Refused, match="contingency-hours"):
                ask_for("phones", hours=hours, actor=ada, reason="x")
        with pytest.raises(Refused, match="contingency-gone"):
            ask_for("else", hours=1, actor=ada, reason="x")

    def test_it_ends_by_itself(self, ada: Account, bo: Account, hana: Account) -> None:
        prepared()
        row = declared(ada, bo)
        Outage.objects.filter(pk=row.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
        assert current_book().outage is None
        assert allowance_of(hana).outage is None
        assert open_outage() is None
        assert look_after() == 1
        assert Outage.objects.get().state == OutageState.OVER
        assert Event.objects.filter(name=EventName.OUTAGE_ENDED, actor_id=None).count() == 1

    def test_anybody_of_them_ends_it_at_once(self, ada: Account, bo: Account) -> None:
        prepared()
        row = declared(ada, bo)
        end(row.uid, actor=ada)
        assert current_book().outage is None
        with pytest.raises(Refused, match="outage-over"):
            end(row.uid, actor=bo)

    def test_nobody_agrees_after_two_hours(self, ada: Account, bo: Account) -> None:
        prepared()
        row = ask_for("phones", hours=6, actor=ada, reason="x")
        Outage.objects.filter(pk=row.pk).update(asked_at=timezone.now() - timedelta(hours=3))
        with pytest.raises(Refused, match="outage-over"):
            agree(row.uid, actor=bo)
        assert ask_for("phones", hours=1, actor=ada, reason="again").pk != row.pk

    def test_only_one_at_a_time(self, ada: Account, bo: Account) -> None:
        prepared(PHONES, PUSH)
        declared(ada, bo)
        with pytest.raises(Refused, match="outage-open"):
            ask_for("push", hours=1, actor=bo, reason="x")

    def test_the_database_itself_wants_two_people(self, ada: Account) -> None:
        prepared()
        row = ask_for("phones", hours=2, actor=ada, reason="x")
        for fields in ({"state": "on"}, {"state": "on", "agreed_by": ada}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Outage.objects.filter(pk=row.pk).update(**fields)

    def test_what_was_agreed_to_counts_whatever_a_later_version_prepares(self, ada: Account, bo: Account, hana: Account) -> None:
        prepared()
        declared(ada, bo)
        prepared(PUSH)
        book = current_book()
        assert book.outage
        assert book.outage.what == PHONES


class TestSigningIn:
    def test_what_is_out_is_asked_last_and_can_still_be_chosen(self, ada: Account, bo: Account, hana: Account) -> None:
        phone = a_phone(hana)
        app = a_totp_app(hana)
        prepared()
        assert [one.pk for one in only_usable(listed(hana))] == [phone.pk, app.pk]
        declared(ada, bo)
        account = fresh(hana)
        assert [one.pk for one in only_usable(listed(account))] == [app.pk, phone.pk]
        assert [one.method.kind for one in options(only_usable(listed(account)))] == ["totp", "phone", "phone"]

    def test_the_door_asks_in_the_other_order_says_so_and_keeps_it(self, ada: Account, bo: Account, hana: Account) -> None:
        a_phone(hana)
        a_totp_app(hana)
        prepared()
        row = declared(ada, bo)
        client = Client()
        enter_password(client, hana)
        page = client.get("/signin/verify/").content.decode()
        assert "Texts do not arrive: you are asked in other ways first, until" in page
        assert "Texts do not arrive" in client.get("/signin/verify/options/").content.decode()
        assert enter_code(client).status_code == 302
        event = Event.objects.filter(name=EventName.SIGNIN_SUCCEEDED).latest("pk")
        assert event.after["outage"] == str(row.uid)
        assert "Texts do not arrive" in client.get("/security-info/").content.decode()

    def test_a_way_of_a_method_may_be_out_and_the_other_not(self, ada: Account, bo: Account) -> None:
        student = an_account(kind="student")
        a_method(student, "push", name="Authenticator")
        prepared(PUSH)
        declared(ada, bo, "push")
        account = fresh(student)
        assert [one.way.code for one in options(only_usable(listed(account)))] == ["code", "approve"]

    def test_others_are_asked_as_usual(self, ada: Account, bo: Account) -> None:
        teacher = an_account(kind="faculty")
        a_method(teacher, "push", name="Authenticator")
        prepared(PUSH)
        declared(ada, bo, "push")
        account = fresh(teacher)
        assert allowance_of(account).outage is None
        assert [one.way.code for one in options(only_usable(listed(account)))] == ["approve", "code"]


@given(
    asks=st.sampled_from(["none", "verify", "strong", "register", "refuse"]),
    mine=st.lists(st.tuples(st.sampled_from(["push", "totp", "fido", "phone"]), st.sampled_from(MethodState.values[:2])), max_size=4),
    out=st.sets(st.sampled_from(["push.approve", "phone.text", "phone.call"]), min_size=1),
    in_effect=st.booleans(),
    sensitive=st.booleans(),
)
def test_no_outage_ever_changes_what_is_decided(**drawn: Any) -> None:
    account = Account(common_id="1", kind="student", mfa_asked_here=drawn["in_effect"], methods_needed=drawn["in_effect"])
    methods = [RegisteredMethod(account=account, kind=kind, state=state, name=kind) for kind, state in drawn["mine"]]
    book = a_book({"asks": drawn["asks"]}, groups=())
    what = Contingency("Out", "障害", id="x", out=tuple(sorted(drawn["out"])), hours=1)
    out = book.with_outage(Declared("00000000-0000-0000-0000-000000000001", what, timezone.now()))
    decided = [decide(facts_of(account, methods, one, Circumstances(sensitive=drawn["sensitive"]), Ties()), one) for one in (book, out)]
    assert decided[0] == decided[1]


class TestPages:
    def test_it_is_prepared_in_a_draft_declared_by_two_and_reported(
        self, admin: Client, bo: Account, browser_of: Browser, hana: Account
    ) -> None:
        a_phone(hana)
        a_totp_app(hana)
        admin.post("/policies/begin/")
        seen = {"seen": "0"}
        form = {"name_en": "Texts do not arrive", "name_ja": "SMSが届きません", "out": ["phone.text", "phone.call"], "hours": "4"}
        assert admin.post("/policies/draft/contingencies/new/", form | seen).status_code == 302
        draft = PolicyVersion.objects.get(state=VersionState.DRAFT)
        [made] = book_of(draft).contingencies
        assert "Asked last: Phone: texts, Phone: calls; at most 4 hours." in admin.get("/policies/draft/").content.decode()
        admin.post("/policies/draft/switch-on/", {"reason": "prepared", "seen": str(draft.edits)})
        assert "Texts do not arrive" in admin.get("/policies/outages/").content.decode()
        too_long = admin.post(f"/policies/outages/ask/{made.id}/", {"hours": "9", "reason": "down"})
        assert too_long.status_code == 400
        admin.post(f"/policies/outages/ask/{made.id}/", {"hours": "2", "reason": "down"})
        row = Outage.objects.get()
        assert "You asked for this yourself" in admin.get("/policies/outages/").content.decode()
        assert admin.post(f"/policies/outages/{row.uid}/agree/").status_code == 403
        denied = Event.objects.get(name=EventName.ACCESS_DENIED)
        assert (denied.actor_id, denied.after) == (row.asked_by_id, {"path": f"/policies/outages/{row.uid}/agree/", "why": "own-outage"})
        other = browser_of(bo, verified=a_verification("fido"))
        assert other.post(f"/policies/outages/{row.uid}/agree/").status_code == 302
        assert "Declared until" in other.get("/policies/").content.decode()
        client = Client()
        enter_password(client, hana)
        enter_code(client)
        page = other.get(f"/policies/outages/{row.uid}/").content.decode()
        assert "Authenticator app" in page
        lines = other.get(f"/policies/outages/{row.uid}/list/").content.decode("utf-8-sig").splitlines()
        assert lines[1].endswith(f"{hana.common_id},{hana.name_en},,totp") or hana.common_id in lines[1]
        assert Event.objects.filter(name=EventName.OUTAGE_REPORTED, actor_id=bo.pk).count() == 1
        assert other.post(f"/policies/outages/{row.uid}/end/").status_code == 302
        assert current_book().outage is None

    def test_it_is_compared_and_a_rotten_one_is_not_read(self, admin: Client) -> None:
        content = to_json(a_book(ALWAYS, groups=(), contingencies=(PHONES,)))
        assert from_json(content).contingencies == (PHONES,)
        for bad in ({"out": []}, {"hours": 999}, {"hours": 0}):
            with pytest.raises(ValueError, match="contingency"):
                contingency_from_json(content["contingencies"][0] | bad)
        prepared()
        admin.post("/policies/begin/")
        seen = {"seen": "0"}
        admin.post("/policies/draft/contingencies/phones/remove/", seen)
        assert "Asked last: Phone: texts, Phone: calls" in admin.get("/policies/draft/switch-on/").content.decode()


def test_asking_costs_no_more_queries(ada: Account, bo: Account, hana: Account, django_assert_max_num_queries: Any) -> None:
    prepared()
    declared(ada, bo)
    current_book()
    with django_assert_max_num_queries(1):
        assert current_book().outage
    assert database_now() < current_book().outage.until  # type: ignore[union-attr]
