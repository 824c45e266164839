"""Every page, as each role meets it in the running site: nothing for axe to find, nothing sticks out, no complaint of the browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from demo.accounts import PASSWORD as DEMO_PASSWORD
from tests.architecture.url_map import pages
from tests.journeys.authenticator import App
from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site
from tests.journeys.tour import Tour

FIRST_REGISTRATION = {
    "",
    "address/",
    "cannot-sign-in/",
    "guide/",
    "authenticator/",
    "signin/",
    "signin/password/",
    "signin/more-information/",
    "signin/continue/",
    "security-info/add/",
    "security-info/app/",
    "security-info/totp/",
    "security-info/totp/scan/",
    "security-info/phone/",
    "security-info/phone/confirm/",
    "security-info/push/",
    "security-info/push/pair/",
    "security-info/push/try/",
    "security-info/email/",
    "security-info/email/confirm/",
}
ACCOUNT_HOLDER = {
    "",
    "guide/",
    "signin/verify/",
    "signin/verify/options/",
    "signin/step-up/",
    "signin/step-up/options/",
    "signout/",
    "my-account/",
    "my-account/activity/",
    "my-account/activity/<uuid:uid>/",
    "security-info/",
    "security-info/default/",
    "security-info/phone/alternate/",
    "security-info/phone/office/",
    "security-info/app-password/",
    "security-info/fido/",
    "security-info/fido/key/",
    "security-info/methods/<uuid:method_id>/change/",
    "security-info/methods/<uuid:method_id>/delete/",
    "security-info/methods/<uuid:method_id>/device/",
    "security-info/new-phone/",
    "security-info/travel/",
    "user-menu/",
    "user-menu/mfa/",
    "user-menu/mfa/terminate/",
}
STAFF = {
    "helpdesk/",
    "helpdesk/accounts/<str:common_id>/",
    "helpdesk/reports/",
    "helpdesk/terminations/",
    "helpdesk/deliveries/",
    "helpdesk/exceptions/",
    "helpdesk/cases/",
    "helpdesk/approvals/",
    "helpdesk/confirmations/",
    "helpdesk/counter/",
}
AUDITOR = {
    "audit/",
    "audit/accounts/<str:common_id>/",
    "audit/findings/",
    "audit/report/",
    "audit/exports/",
    "audit/findings/thresholds/",
    "audit/seals/",
    "audit/<uuid:uid>/",
    "audit/<uuid:uid>/proof/",
}
ADMINISTRATOR = {
    "policies/systems/",
    "policies/systems/<slug:code>/",
    "policies/",
    "policies/draft/",
    "policies/draft/rules/new/<str:part>/",
    "policies/draft/rules/<str:rule_id>/",
    "policies/draft/networks/<str:network>/",
    "policies/draft/groups/<str:group>/",
    "policies/draft/switch-on/",
    "policies/versions/",
    "policies/versions/<int:number>/",
    "policies/what-if/",
    "policies/dry-run/",
    "policies/restore/",
}
# Forms that send the person on, parts of a page, and what machines read.
NO_PAGE = {
    "policies/begin/",
    "policies/discard/",
    "policies/decide/<int:number>/approve/",
    "policies/decide/refuse/",
    "policies/versions/<int:number>/bring-back/",
    "policies/draft/rules/<str:rule_id>/move/<str:way>/",
    "policies/draft/rules/<str:rule_id>/remove/",
    "policies/draft/preset/<str:name>/",
    "policies/draft/networks/<str:network>/remove/",
    "policies/draft/groups/<str:group>/remove/",
    "policies/dry-run/begin/",
    "policies/restore/compare/",
    "policies/restore/confirm/",
    "policies/dry-run/progress/",
    "policies/dry-run/<uuid:uid>/stop/",
    "policies/dry-run/<uuid:uid>/resume/",
    "policies/dry-run/<uuid:uid>/list/",
    "api/app-passwords/check",
    "healthz",
    "readyz",
    "metrics",
    "language/",
    "guide/choose/",
    "signin/finish/",
    "signin/verify/resend/",
    "signin/verify/use/<uuid:method_id>/",
    "signin/step-up/test/<uuid:method_id>/",
    "signin/step-up/waiting/<uuid:challenge_id>/",
    "signin/verify/waiting/<uuid:challenge_id>/",
    "security-info/waiting/<uuid:challenge_id>/",
    "signin/step-up/use/<uuid:method_id>/",
    "security-info/phone/preview/<slug:slot>/",
    "security-info/phone/resend/",
    "hooks/twilio/calls/<str:token>/answered/",
    "hooks/twilio/calls/<str:token>/ended/",
    "hooks/twilio/calls/<str:token>/keys/",
    "hooks/twilio/calls/<str:token>/listen/",
    "hooks/twilio/texts/<str:token>/",
    "security-info/push/ask/",
    "security-info/push/open/",
    "security-info/push/paired/",
    "authenticator/manifest.json",
    "authenticator/worker.js",
    "authenticator/api/answer",
    "authenticator/api/pair",
    "authenticator/api/requests",
    "authenticator/api/subscribe",
    "security-info/email/resend/",
    "security-info/travel/cancel/",
    "security-info/new-phone/<uuid:method_id>/keep/",
    "security-info/new-phone/<uuid:method_id>/retire/",
    "my-account/sessions/end-others/",
    "my-account/sessions/<uuid:session_id>/end/",
    "user-menu/mfa/progress/",
    "user-menu/mfa/withdraw/",
    "user-menu/mfa/await/<uuid:delivery_id>/",
    "user-menu/mfa/terminate/ask/",
    "user-menu/mfa/terminate/take-back/",
    "helpdesk/wishes/<uuid:wish_id>/decline/",
    "helpdesk/approvals/<int:approval_id>/approve/",
    "helpdesk/approvals/<int:approval_id>/refuse/",
    "helpdesk/cases/<str:number>/close/",
    "helpdesk/cases/<str:number>/note/",
    "helpdesk/cases/<str:number>/take/",
    "helpdesk/counter/confirm/",
    "helpdesk/proofs/<int:proof_id>/attest/",
    "helpdesk/proofs/<int:proof_id>/judge/",
    "helpdesk/proofs/<int:proof_id>/waiting/",
    "helpdesk/suggestions/",
    "signin/counter/take/",
    "signin/counter/waiting/",
    "audit/<uuid:uid>/proof/file/",
    "audit/<uuid:uid>/numbers/",
    "audit/views/save/",
    "audit/views/<int:number>/remove/",
    "audit/report/method-changes.<slug:form>",
    "audit/exports/events.csv",
    "audit/exports/<uuid:export_id>/signature/",
    "audit/findings/search/",
    "audit/findings/thresholds/<slug:detector>/",
    "audit/findings/<uuid:finding_id>/remark/",
    "audit/findings/<uuid:finding_id>/close/",
}
STAFF_FORMS = (
    "helpdesk/accounts/<str:common_id>/",
    "helpdesk/reports/<uuid:report_id>/",
    "helpdesk/terminations/<uuid:termination_id>/",
    "helpdesk/deliveries/<uuid:delivery_id>/",
    "policies/systems/<slug:code>/",
)
ELSEWHERE = {
    "signin/number/",
    "signin/refused/",
    "audit/findings/<uuid:finding_id>/",
    "helpdesk/cases/<str:number>/",
    "signin/counter/",
    "stop/<str:signed>/",
}  # need a setting, a network, a role or a state that the demo does not have; tested by themselves
DEMO = ["/demo/", "/demo/phone/", "/demo/mailbox/", "/demo/systems/", "/demo/systems/campus-mail/"]


@pytest.fixture
def tour(visit: Callable[..., Any], stack: Site) -> Tour:
    return Tour(visit(), stack.url)


@pytest.fixture
def registered(tour: Tour, stack: Site) -> Callable[[str, str], Person]:
    """`registered(common_id, password)`: signed in, with an authenticator app and a recovery address."""

    def someone(common_id: str, password: str) -> Person:
        person = Person(tour.page, stack, common_id, "en", password=password)
        person.page.goto("/security-info/app/")
        person.sign_in()
        person.page.goto("/security-info/totp/")
        person.press("Next")
        person.scan()
        person.give_address()
        person.press("Complete")
        return person

    return someone


def test_no_page_is_left_out() -> None:
    visited = FIRST_REGISTRATION | ACCOUNT_HOLDER | STAFF | AUDITOR | ADMINISTRATOR
    others = {page.route for page in pages() if not page.route.startswith(("admin/", *STAFF_FORMS))}
    assert others - visited == NO_PAGE | ELSEWHERE


def try_authenticator(person: Person, tour: Tour) -> None:
    """As far as its first try; another method is registered instead."""
    person.page.goto("/security-info/push/?on=other")
    person.press("Next")
    tour.look()
    app = App(person.page.context.new_page(), "en").open()
    app.type_code(person.common_id, person.page.locator("#typed-code").inner_text())
    app.has(person.common_id)
    person.page.bring_to_front()  # and it goes on by itself
    expect(person.page).to_have_title(re.compile("Let's try it out"))
    person.see_heading("Let's try it out")
    tour.look()
    app.page.close()


@pytest.mark.covers("S-139")
def test_the_pages_of_the_first_registration(tour: Tour, stack: Site) -> None:
    person = Person(tour.page, stack, account_for(stack), "en")
    tour.look("/")
    tour.look("/address/")
    tour.look("/cannot-sign-in/")
    tour.look("/guide/?first=totp&more=phone")
    tour.look("/signin/?next=/security-info/")
    person.fill("Common ID", "12")
    person.press("Next")
    tour.glance()
    person.fill("Common ID", person.common_id)
    person.press("Next")
    tour.glance()
    person.fill("Password", "wrong")
    person.press("Sign in")
    tour.glance()
    person.fill("Password", person.password)
    person.press("Sign in")
    person.see_heading("More information required")
    tour.look()
    tour.look("/authenticator/")
    for path in ("app/", "add/", "phone/", "totp/", "push/?on=other", "push/?on=phone"):
        tour.look(f"/security-info/{path}")
    try_authenticator(person, tour)
    person.page.goto("/security-info/phone/")
    person.fill("Phone number", f"090{person.common_id[-8:]}")
    person.press("Next")
    tour.look()
    person.page.goto("/security-info/totp/")
    person.press("Next")
    tour.look()
    person.fill("6-digit code", "12")
    person.press("Next")
    tour.glance()
    person.scan()
    person.see_heading("Email")
    tour.look()
    person.fill("Email address", f"{person.common_id}@mail.example.com")
    person.press("Next")
    tour.look()
    person.confirm_address()
    person.see_heading("Succeeded")
    tour.look()
    assert tour.seen == FIRST_REGISTRATION


@pytest.mark.covers("S-139")
def test_the_pages_of_an_account_holder(tour: Tour, stack: Site, registered: Callable[[str, str], Person]) -> None:
    person = registered(account_for(stack), "journey-password")
    for path in ("/", "/security-info/", "/user-menu/mfa/", "/user-menu/mfa/terminate/", "/my-account/", "/security-info/default/"):
        tour.look(path)
    tour.look("/security-info/app-password/")
    for path in ("alternate/", "office/"):
        tour.look(f"/security-info/phone/{path}")
    tour.look("/security-info/fido/")
    person.press("Next")
    tour.look()
    for name in ("Change Authenticator app", "Delete Authenticator app", "on another device? Authenticator app"):
        person.page.goto("/security-info/")
        person.page.get_by_role("link", name=name).click()
        tour.look()
    tour.look("/my-account/activity/")
    person.page.get_by_role("link", name="This wasn’t me").first.click()
    tour.look()
    tour.look("/guide/")
    tour.look("/security-info/new-phone/")
    tour.look("/security-info/travel/")
    tour.look("/signin/step-up/?next=/my-account/")
    tour.look("/signin/step-up/options/?next=/my-account/")
    person.page.goto("/signout/")
    tour.glance()
    person.page.goto("/security-info/")
    person.sign_in()
    person.see_heading("Enter code")
    tour.look()
    tour.look("/signin/verify/options/")
    person.page.goto("/signin/verify/")
    person.fill("6-digit code", person.app_code())
    person.press("Verify")
    person.see("You signed in with MFA.")
    tour.look("/user-menu/")
    tour.look("/user-menu/mfa/")
    person.page.get_by_role("radio", name="Yes", exact=True).check()
    person.press("SAVE")
    tour.look()
    assert tour.seen == ACCOUNT_HOLDER


@pytest.mark.covers("S-146")
def test_the_pages_of_the_help_desk(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    registered("7000000002", DEMO_PASSWORD)
    for path in (
        "",
        "?q=Yamada",
        "?q=nobody-of-this-name",
        "accounts/0123456789/",
        "accounts/9000000001/",
        "reports/",
        "terminations/",
        "deliveries/",
        "exceptions/",
        "cases/",
        "approvals/",
        "confirmations/",
        "counter/",
    ):
        tour.look(f"/helpdesk/{path}")
    assert tour.seen == STAFF


@pytest.mark.covers("S-146")
def test_the_pages_of_an_auditor(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    person = registered("8000000001", DEMO_PASSWORD)
    tour.look("/audit/?account=8000000001")
    tour.look("/audit/?since=tomorrow&account=12x")
    person.page.goto("/audit/?account=8000000001")
    person.page.get_by_role("row").get_by_role("link").first.click()
    tour.look()
    tour.look(person.page.url + "proof/")
    tour.look("/audit/seals/")
    tour.look("/audit/accounts/8000000001/")
    tour.look("/audit/findings/")
    tour.look("/audit/report/")
    tour.look("/audit/exports/")
    tour.look("/audit/findings/thresholds/")
    assert tour.seen == AUDITOR


def test_the_pages_of_an_administrator(tour: Tour, registered: Callable[[str, str], Person]) -> None:
    person = registered("9000000001", DEMO_PASSWORD)
    tour.look("/policies/")
    person.press("Begin a draft")
    for path in ("", "rules/new/sign-in/", "networks/new/", "groups/new/", "switch-on/"):
        tour.look(f"/policies/draft/{path}")
    person.page.goto("/policies/draft/")
    person.page.get_by_role("link", name="Change").first.click()
    tour.look()
    for path in ("versions/", "versions/1/", "what-if/?account=0123456789&address=192.0.2.7", "dry-run/"):
        tour.look(f"/policies/{path}")
    tour.look("/policies/systems/")
    tour.look("/policies/systems/campus-mail/")
    tour.look("/policies/restore/")
    assert tour.seen == ADMINISTRATOR
    person.page.goto("/policies/draft/")
    person.press("Discard the draft")


def test_the_pages_that_stand_for_the_outside_world(tour: Tour) -> None:
    for path in DEMO:
        tour.look(path)
