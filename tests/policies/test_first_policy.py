"""The steps of docs/policies.md, “From an empty site to a policy”, as a new administrator takes them on the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from policies.current import book_of, current_book
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.presets import report_only
from policies.rulebook.content import Book, Mode, Part
from tests.factories import a_method, a_totp_app, a_verification, an_account
from tests.policies.books import a_book, in_force
from tests.signin.door import enter_password, has_session

pytestmark = pytest.mark.django_db
DRAFT = "/policies/draft/"
HALL, OUTSIDE, ACCOUNT = "192.0.2.7", "203.0.113.9", "/my-account/"


def drafted() -> Book:
    return book_of(PolicyVersion.objects.get(state=VersionState.DRAFT))


def send(client: Client, path: str, **fields: Any) -> None:
    seen = str(PolicyVersion.objects.get(state=VersionState.DRAFT).edits)
    answer = client.post(f"/policies/draft/{path}", fields | {"seen": seen})
    assert answer.status_code == 302, answer.content.decode()


def a_rule(name: str, asks: str, **fields: Any) -> dict[str, Any]:
    return {"name_en": name, "name_ja": f"規則{name}", "asks": asks, "mode": "on", "use": "", "place": ""} | fields


def sign_in_rules(book: Book) -> list[str]:
    return [str(rule) for rule in book.rules if rule.part is Part.SIGN_IN]


def from_an_empty_site(admin: Client) -> None:
    """Steps 1 to 4: off-campus only for students, every sign-in for staff, keys for administrators, reporting only."""
    admin.post("/policies/begin/")
    send(admin, "networks/new/", name_en="Campus", name_ja="学内", kind="campus", lines="192.0.2.0/24")
    send(admin, "preset/only-from-outside/")
    outside, inside = (rule for rule in drafted().rules if rule.part is Part.SIGN_IN)
    send(admin, f"rules/{outside.id}/", **a_rule("Students outside", "verify", kinds=["student"], place="outside"))
    send(admin, f"rules/{inside.id}/", **a_rule("Students inside", "none", kinds=["student"], place="campus"))
    send(admin, "rules/new/sign-in/", **a_rule("Staff", "verify", kinds=["staff", "faculty"]))
    send(admin, "rules/new/sign-in/", **a_rule("Administrators", "strong", roles=["administrator"]))
    keys = next(rule.id for rule in drafted().rules if str(rule) == "Administrators")
    while sign_in_rules(drafted())[0] != "Administrators":
        send(admin, f"rules/{keys}/move/up/")
    send(admin, "preset/report-only/")


def test_the_trial_changes_no_sign_in_and_keeps_what_it_would_do(admin: Client, hana: Account) -> None:
    from_an_empty_site(admin)
    before = sign_in_rules(current_book())
    send(admin, "switch-on/", reason="Report only first")
    assert sign_in_rules(current_book()) == ["Administrators", "Students outside", "Students inside", "Staff", *before]
    newcomer = an_account("1000000021", kind="student")
    client = Client(REMOTE_ADDR=HALL)
    assert enter_password(client, newcomer)["Location"] == "/signin/more-information/"
    a_totp_app(hana)
    Account.objects.filter(pk=hana.pk).update(kind="student", mfa_asked_here=True)
    client = Client(REMOTE_ADDR=HALL)
    assert enter_password(client, hana, next_path=ACCOUNT)["Location"] == "/signin/verify/"
    said = next(rule.id for rule in current_book().rules if str(rule) == "Students inside")
    assert Event.objects.filter(name=EventName.PASSWORD_ACCEPTED).latest("pk").after["reported"] == f"1:{said}"


def test_what_reports_is_switched_on_by_two(admin: Client, hana: Account, browser_of: Callable[..., Client]) -> None:
    from_an_empty_site(admin)
    send(admin, "switch-on/", reason="Report only first")
    admin.post("/policies/begin/")
    send(admin, "preset/all-on/")
    send(admin, "switch-on/", reason="It went well")
    waiting = PolicyVersion.objects.get(state=VersionState.WAITING)
    other = an_account("1000000009", roles=("administrator",))
    a_method(other, "fido", name="key")
    browser_of(other, verified=a_verification("fido")).post(f"/policies/decide/{waiting.number}/approve/", {"seen": str(waiting.edits)})
    assert {rule.mode for rule in current_book().rules} == {Mode.ON}
    a_totp_app(hana)
    Account.objects.filter(pk=hana.pk).update(kind="student", mfa_asked_here=True)
    inside, outside = Client(REMOTE_ADDR=HALL), Client(REMOTE_ADDR=OUTSIDE)
    assert enter_password(inside, hana, next_path=ACCOUNT)["Location"] == ACCOUNT
    assert has_session(inside)
    assert enter_password(outside, hana, next_path=ACCOUNT)["Location"] == "/signin/verify/"


FIRST, SECOND = {"id": "a", "asks": "verify", "name_en": "A"}, {"id": "b", "asks": "none", "name_en": "B"}
NEW = {"id": "c", "asks": "refuse", "name_en": "C"}


def modes(book: Book) -> list[tuple[str, str]]:
    return [(str(rule), rule.mode.value) for rule in book.rules]


def test_a_rule_between_those_in_force_reports_from_its_place() -> None:
    in_force(FIRST, SECOND)
    assert modes(report_only(a_book(FIRST, NEW, SECOND))) == [("A", "on"), ("C", "report"), ("B", "on")]


def test_where_a_rule_in_force_is_changed_moved_or_gone_all_report_and_what_is_in_force_decides_below() -> None:
    in_force(FIRST, SECOND)
    decides = [("A", "on"), ("B", "on")]
    for draft, reports in (
        (a_book(SECOND, FIRST), [("B", "report"), ("A", "report")]),
        (a_book(FIRST), [("A", "report")]),
        (a_book(FIRST | {"asks": "strong"}, SECOND), [("A", "report"), ("B", "report")]),
    ):
        made = report_only(draft)
        assert modes(made) == [*reports, *decides]
        assert len({rule.id for rule in made.rules}) == len(made.rules)


def test_networks_and_groups_of_what_goes_on_deciding_are_kept() -> None:
    in_force({"id": "a", "asks": "none", "place": "networks", "networks": ["clinic"]})
    made = report_only(a_book(NEW, networks=()))
    assert [one.code for one in made.networks] == ["clinic"]
