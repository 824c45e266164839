"""R-130 to R-142, I7: what happens to an account when its methods change."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from methods import lifecycle, travel
from methods.carriers import Carrier
from methods.kinds.totp.models import TotpDevice
from methods.models import Challenge, ChallengeState, MethodState, RegisteredMethod
from methods.rehearsal import say_where
from methods.succession import let_stay
from methods.usable import listed, usable
from tests.factories import a_phone, a_totp_app, app_code, signed_in
from tests.methods.people import add_app, fresh_browser, key_on
from tests.methods.push_phone import Phone, a_push_app
from tests.signin.door import enter_password

HOME = "/security-info/"


@pytest.fixture
def app(hana: Account) -> RegisteredMethod:
    return a_totp_app(hana)


@pytest.fixture
def tablet(hana: Account, app: RegisteredMethod) -> RegisteredMethod:
    return a_totp_app(hana, key=b"the key of the tablet", name="tablet")


@pytest.fixture
def client(hana: Account) -> Client:
    return fresh_browser(hana)


def need_methods(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(methods_needed=True)


def delete(client: Client, method: RegisteredMethod) -> Any:
    return client.post(f"/security-info/methods/{method.pk}/delete/")


def default_of(account: Account) -> list[str]:
    return list(RegisteredMethod.objects.filter(account=account, is_default=True).values_list("name", flat=True))


@pytest.mark.covers("S-130")
def test_a_method_can_be_deleted_after_one_question(client: Client, app: RegisteredMethod, tablet: RegisteredMethod) -> None:
    page = client.get(f"/security-info/methods/{tablet.pk}/delete/").content.decode()
    assert "Delete this method?" in page
    assert "my phone" in page
    assert RegisteredMethod.objects.get(pk=tablet.pk).state == "active"
    assert delete(client, tablet)["Location"] == HOME
    tablet.refresh_from_db()
    assert (tablet.state, tablet.removed_at is not None) == ("removed", True)


def test_the_record_of_a_removed_method_stays_and_its_secret_goes(client: Client, hana: Account, app: RegisteredMethod) -> None:
    delete(client, app)
    assert RegisteredMethod.objects.filter(account=hana, state="removed").count() == 1
    assert not TotpDevice.objects.exists()
    assert listed(hana) == []


OWN_VERBS: dict[str, Callable[[Account, RegisteredMethod], object]] = {
    "begins": lambda account, method: lifecycle.begin(account, TotpDevice(), binding="session:x"),
    "renames": lambda account, method: lifecycle.rename(account, method.pk, "mine", actor=account),
    "prefers": lambda account, method: lifecycle.set_default(account, method.pk, actor=account),
    "deletes": lambda account, method: lifecycle.remove(account, method.pk, actor=account),
    "lets stay": lambda account, method: let_stay(account, method.pk, actor=account),
    "says where": lambda account, method: say_where(account, method.pk, Carrier.SMARTPHONE, actor=account),
    "stays at home": lambda account, method: travel.cancel(account, actor=account),
}


@pytest.mark.parametrize("verb", OWN_VERBS.values(), ids=OWN_VERBS)
@pytest.mark.parametrize("column", ["locked_at", "left_at"])
def test_its_holder_changes_nothing_once_the_account_is_locked_or_has_left(
    hana: Account, tablet: RegisteredMethod, verb: Callable[[Account, RegisteredMethod], object], column: str
) -> None:
    """Of a request that was let in before: it waits for the lock, and looks at the account again then."""
    Account.objects.filter(pk=hana.pk).update(**{column: timezone.now()})
    with pytest.raises(Refused, match="account-closed"):
        verb(hana, tablet)
    tablet.refresh_from_db()
    assert (tablet.name, tablet.state, tablet.is_default) == ("tablet", "active", False)


def test_the_last_usable_method_stays_while_mfa_use_is_applied_for(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-132, I7."""
    need_methods(hana)
    page = client.get(delete(client, app)["Location"]).content.decode()
    assert "This is your last verification method" in page
    assert [method.pk for method in usable(hana)] == [app.pk]


def test_of_two_usable_methods_one_may_go(client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod) -> None:
    need_methods(hana)
    delete(client, app)
    delete(client, tablet)
    assert [method.pk for method in usable(hana)] == [tablet.pk]


def test_a_suspended_method_does_not_count_as_another(
    client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod
) -> None:
    need_methods(hana)
    RegisteredMethod.objects.filter(pk=tablet.pk).update(state=MethodState.SUSPENDED)
    delete(client, app)
    assert [method.pk for method in usable(hana)] == [app.pk]
    delete(client, tablet)
    assert [method.pk for method in listed(hana)] == [app.pk], "what cannot be used can be taken away"


def test_an_unfinished_method_does_not_count_as_another(client: Client, hana: Account, app: RegisteredMethod) -> None:
    need_methods(hana)
    client.post("/security-info/totp/")
    delete(client, app)
    assert [method.pk for method in usable(hana)] == [app.pk]


@pytest.mark.covers("S-78")
def test_with_the_default_gone_the_oldest_of_the_others_takes_its_place(
    client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod
) -> None:
    a_phone(hana)
    delete(client, app)
    assert default_of(hana) == ["tablet"]


@pytest.mark.covers("S-81", "S-131")
def test_the_default_can_be_changed(client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod) -> None:
    assert "/security-info/default/" in client.get(HOME).content.decode()
    assert "tablet" in client.get("/security-info/default/").content.decode()
    client.post("/security-info/default/", {"method": str(tablet.pk)})
    assert default_of(hana) == ["tablet"]
    visitor = Client()
    enter_password(visitor, hana)
    assert "tablet" in visitor.get("/signin/verify/").content.decode()


@pytest.mark.covers("C-05")
@pytest.mark.parametrize("chosen", ["", "x", str(uuid.UUID(int=7)), "suspended", "removed", "ken"])
def test_only_a_usable_method_of_ones_own_can_be_the_default(
    client: Client, hana: Account, ken: Account, app: RegisteredMethod, chosen: str
) -> None:
    ids = {
        "suspended": a_totp_app(hana, name="s", state=MethodState.SUSPENDED).pk,
        "removed": a_totp_app(hana, name="r", state=MethodState.REMOVED).pk,
        "ken": a_totp_app(ken).pk,
    }
    client.post("/security-info/default/", {"method": str(ids.get(chosen, chosen))})
    assert default_of(hana) == ["my phone"]
    assert default_of(ken) == ["my phone"]


def test_the_database_itself_allows_one_default(hana: Account, app: RegisteredMethod, tablet: RegisteredMethod) -> None:
    """R-133."""
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredMethod.objects.filter(pk=tablet.pk).update(is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredMethod.objects.filter(pk=app.pk).update(state=MethodState.SUSPENDED)


def test_an_unfinished_device_can_be_nothing(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-142."""
    client.post("/security-info/totp/")
    device = TotpDevice.objects.get(confirmed=False)
    assert device.method is None
    client.post("/security-info/default/", {"method": str(device.uid)})
    assert default_of(hana) == ["my phone"]
    assert client.get(f"/security-info/methods/{device.uid}/delete/").status_code == 404


def test_fields_of_a_method_cannot_be_written(client: Client, hana: Account, ken: Account, app: RegisteredMethod) -> None:
    """R-135."""
    extra = {
        "account": ken.pk,
        "kind": "email",
        "state": "suspended",
        "is_default": "",
        "failures": "0",
        "last_step": "0",
        "confirmed": "1",
    }
    client.post(f"/security-info/methods/{app.pk}/change/", {"name": "new name"} | extra)
    app.refresh_from_db()
    assert (app.name, app.account, app.kind, app.state, app.is_default) == ("new name", hana, "totp", "active", True)


def test_removal_closes_what_was_asked_and_what_was_begun(
    client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod
) -> None:
    """R-139."""
    visitor = Client()
    enter_password(visitor, hana)
    elsewhere = fresh_browser(hana)
    elsewhere.post("/security-info/totp/")
    delete(client, tablet)
    assert not Challenge.objects.filter(state=ChallengeState.OPEN).exists()
    assert not TotpDevice.objects.filter(confirmed=False).exists()


def remove(account: Account, method_id: uuid.UUID, actor: Account) -> None:
    lifecycle.remove(account, method_id, actor=actor)


def rename(account: Account, method_id: uuid.UUID, actor: Account) -> None:
    lifecycle.rename(account, method_id, "x", actor=actor)


def prefer(account: Account, method_id: uuid.UUID, actor: Account) -> None:
    lifecycle.set_default(account, method_id, actor=actor)


VERBS = [remove, rename, prefer]


@pytest.mark.parametrize("verb", VERBS)
def test_a_method_of_another_account_answers_like_one_that_is_missing(
    hana: Account, ken: Account, app: RegisteredMethod, verb: Callable[..., None]
) -> None:
    """R-134."""
    kens = a_totp_app(ken)
    for method_id in (kens.pk, uuid.uuid4()):
        with pytest.raises(Refused, match="method-gone"):
            verb(hana, method_id, hana)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("person", ["ken", "hiro", "ada"])
def test_nobody_else_changes_a_method(
    hana: Account, app: RegisteredMethod, verb: Callable[..., None], person: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        verb(hana, app.pk, request.getfixturevalue(person))


PAGES = ["/security-info/methods/{}/change/", "/security-info/methods/{}/delete/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_answers_for_a_strangers_method_as_for_none(client: Client, ken: Account, page: str, method: str) -> None:
    kens = a_totp_app(ken, name="kens secret name")
    gone = a_totp_app(ken, name="gone", state=MethodState.REMOVED)
    answers = {
        (answer.status_code, answer.content.replace(str(pk).encode(), b""))
        for pk in (kens.pk, gone.pk, uuid.uuid4())
        for answer in [getattr(client, method)(page.format(pk), {"name": "x"})]
    }
    statuses = {status for status, _ in answers}
    assert statuses == {404}
    assert not [body for _, body in answers if b"secret" in body]
    kens.refresh_from_db()
    assert (kens.name, kens.state) == ("kens secret name", "active")


def test_a_method_of_ones_own_that_was_removed_is_gone(
    client: Client, hana: Account, app: RegisteredMethod, tablet: RegisteredMethod
) -> None:
    delete(client, tablet)
    for page in PAGES:
        assert client.get(page.format(tablet.pk)).status_code == 404


def test_a_kind_is_registered_up_to_its_limit(client: Client, hana: Account) -> None:
    """R-141."""
    for n in range(5):
        a_totp_app(hana, name=f"app {n}")
    for n in range(5):
        a_push_app(hana, Phone(), name=f"Authenticator {n}")
    assert "Authenticator app" not in client.get("/security-info/add/").content.decode().split("</select>")[0].split("<select")[1]
    page = client.get(client.post("/security-info/totp/")["Location"]).content.decode()
    assert "as many of these as one account may have" in page
    assert not TotpDevice.objects.filter(confirmed=False).exists()


def test_a_sixth_app_begun_before_the_fifth_was_finished_stays_out(client: Client, hana: Account) -> None:
    for n in range(4):
        a_totp_app(hana, name=f"app {n}")
    elsewhere = fresh_browser(hana)
    elsewhere.post("/security-info/totp/")
    key = key_on(elsewhere.get("/security-info/totp/scan/"))
    add_app(client)
    elsewhere.post("/security-info/totp/scan/", {"code": app_code(key)})
    assert len(usable(hana)) == 5


def test_a_session_without_methods_is_offered_everything(client: Client) -> None:
    page = client.get("/security-info/add/").content.decode()
    assert all(word in page for word in ("Authenticator app", "Phone", "Email"))
    assert client.post("/security-info/add/", {"method": "app"})["Location"] == "/security-info/app/"
    assert client.post("/security-info/add/", {"method": "phone"})["Location"] == "/security-info/phone/"
    for nonsense in ("", "x", "totp'--", "generator", "static"):
        assert client.post("/security-info/add/", {"method": nonsense}).status_code == 200


def test_the_pages_of_methods_want_their_token(hana: Account, app: RegisteredMethod) -> None:
    """R-200."""
    strict = Client(enforce_csrf_checks=True)
    signed_in(strict, hana)
    for path in ("add/", "totp/", "totp/scan/", "phone/", "email/", "default/", f"methods/{app.pk}/delete/", f"methods/{app.pk}/change/"):
        assert strict.post(f"/security-info/{path}").status_code == 403, path
