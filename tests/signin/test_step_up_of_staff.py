"""R-130, D10: people with a role add, change and remove methods with the strongest that they have; others with any."""

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import RegisteredMethod
from tests.factories import a_totp_app, a_verification, signed_in
from tests.methods.people import add_app, fresh_browser
from tests.methods.security_key import UP, UV, SoftKey
from tests.methods.test_fido_pages import add_key

REGISTERING = ["add/", "app/", "totp/", "email/", "fido/"]  # phones are not for staff


def browser_with(kind: str, account: Account) -> Client:
    client = Client()
    signed_in(client, account, verified=a_verification(kind))
    return client


def leads_to_step_up(client: Client, path: str) -> bool:
    answers = [client.get(path), client.post(path, {"method": "totp", "name": "taken over"})]
    return all(answer.headers.get("Location", "").startswith("/signin/step-up/") for answer in answers)


@pytest.fixture
def app_of_ada(ada: Account) -> RegisteredMethod:
    """She has a security key, too."""
    app = a_totp_app(ada)
    add_key(fresh_browser(ada), SoftKey(flags=UP | UV))
    return app


@pytest.mark.parametrize("path", REGISTERING)
def test_the_app_opens_no_registration_for_staff_with_a_key(ada: Account, app_of_ada: RegisteredMethod, path: str) -> None:
    assert leads_to_step_up(browser_with("totp", ada), f"/security-info/{path}")
    assert browser_with("fido", ada).get(f"/security-info/{path}").status_code == 200


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_the_app_changes_no_method_of_staff_with_a_key(ada: Account, app_of_ada: RegisteredMethod, verb: str) -> None:
    path = f"/security-info/methods/{app_of_ada.pk}/{verb}/"
    assert leads_to_step_up(browser_with("totp", ada), path)
    app_of_ada.refresh_from_db()
    assert (app_of_ada.name, app_of_ada.state) == ("my phone", "active")
    assert browser_with("fido", ada).get(path).status_code == 200


def test_the_step_up_asks_such_staff_for_the_key_alone(ada: Account, app_of_ada: RegisteredMethod) -> None:
    page = browser_with("totp", ada).get("/signin/step-up/options/").content.decode()
    assert "Security key" in page
    assert "my phone" not in page


def test_the_app_opens_no_configuration_for_an_administrator_with_a_key(ada: Account, app_of_ada: RegisteredMethod) -> None:
    assert browser_with("totp", ada).get("/admin/", follow=True).redirect_chain[-1][0].startswith("/signin/step-up/")
    assert browser_with("fido", ada).get("/admin/").status_code == 200


def test_staff_without_a_key_register_with_what_they_have(ada: Account) -> None:
    a_totp_app(ada)
    client = browser_with("totp", ada)
    add_app(client, "tablet")
    add_key(client, SoftKey(flags=UP | UV))
    assert sorted(method.kind for method in ada.registered_methods.all()) == ["fido", "totp", "totp"]


def test_people_without_a_role_change_methods_with_any_of_theirs(hana: Account) -> None:
    app = a_totp_app(hana)
    add_key(fresh_browser(hana), SoftKey(flags=UP | UV))
    client = browser_with("totp", hana)
    assert client.get("/security-info/add/").status_code == 200
    assert client.get(f"/security-info/methods/{app.pk}/delete/").status_code == 200
