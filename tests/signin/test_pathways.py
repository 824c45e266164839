"""R-009, R-020: the documented ways in are all there are, and the documented limits are those of the code."""

import ast
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.test import Client

from accounts import budgets, sessions
from accounts.budgets import Limit
from accounts.models import Account
from helpdesk import velocity
from methods import challenges, fatigue, lifecycle, spending, unknown_requests
from methods.kinds.push import guesses
from methods.registration import PENDING_SECONDS
from methods.registry import kind
from methods.timecodes import DRIFT_STEPS, STEP_SECONDS
from policies.returns import NOTICES
from policies.terminations import LONGEST_DAYS
from tests.architecture.source import calls, trees
from tests.architecture.url_map import pages
from tests.factories import PASSWORD
from tests.signin.test_guess_probability import MONTH, guesses_in
from tools.messages import ROOT

WAYS, LIMITS = ((ROOT / "docs" / name).read_text() for name in ("pathways.md", "limits.md"))
DOORS = {"open_session", "prove_again", "login", "keep", "verify_token", "Registrant", "accepts"}
HOLD = "{} in a row, then held for {} minutes, twice as long after each further one, {} minutes at most"


def modules_that_let_in() -> set[str]:
    """Every module that opens a session, renews its proof, judges for others, or lets somebody register."""
    calling = {path for path, tree in trees() for called, _ in calls(tree) if called in DOORS}
    judging = {path for path, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in DOORS}
    return calling | judging


def test_every_module_that_lets_somebody_in_is_listed() -> None:
    listed = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", WAYS)
    assert [path for path in listed if not (ROOT / path).exists()] == []
    assert {"signin/flow.py", "methods/devices.py"} <= modules_that_let_in()
    unlisted = [path for path in modules_that_let_in() if not any(path.startswith(known) for known in listed)]
    assert [path for path in unlisted if path != "accounts/sessions.py"] == [], "sessions.py is what the ways lead to"


def test_django_authenticates_nobody_by_password(hana: Account, client: Client) -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["accounts.backend.SessionOnlyBackend"]
    for credentials in ({"username": hana.common_id}, {"common_id": hana.common_id}, {"token": "x"}):
        assert authenticate(None, password=PASSWORD, **credentials) is None
    assert not client.login(username=hana.common_id, password=PASSWORD)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/account/login/", "/accounts/login/", "/api/"])
def test_no_other_form_takes_a_password(client: Client, hana: Account, path: str) -> None:
    answer = client.post(path, {"username": hana.common_id, "password": PASSWORD, "this_is_the_login_form": "1"})
    assert answer.status_code in {302, 403, 404}
    assert "session" not in client.cookies


def test_no_view_of_another_package_signs_in() -> None:
    foreign = {page.view.__module__.split(".")[0] for page in pages()} - {path.split("/")[0] for path, _ in trees()}
    assert foreign <= {"django"}
    assert not [page.route for page in pages() if "two_factor" in page.view.__module__ or "contrib.auth" in page.view.__module__]


def minutes(period: timedelta) -> int:
    return int(period.total_seconds() // 60)


def holds(limit: Limit) -> str:
    return HOLD.format(limit.cap, minutes(limit.hold), minutes(limit.longest))


def sending(limits: Mapping[timedelta, int]) -> str:
    return ", ".join(f"{most} in {minutes(period)} minutes" for period, most in limits.items())


def window(limit: Limit) -> str:
    assert limit.window is not None
    return f"{limit.cap} in {minutes(limit.window)} minutes, then held for {minutes(limit.hold)} minutes"


def row(start: str) -> str:
    return next(line for line in LIMITS.splitlines() if line.startswith(f"| {start}"))


def test_the_limits_are_those_of_the_code() -> None:
    (hour, hourly), (day, daily) = challenges.MOST_SENT.items()
    network, strangers = budgets.NETWORK, challenges.MOST_SENT_TO_STRANGERS
    assert network.window is not None
    documented = {
        "wrong passwords of an account": holds(budgets.PASSWORD),
        "wrong passwords from": f"{network.cap} in {minutes(network.window)} minutes, then held for {minutes(network.hold)} minutes",
        "wrong codes of an account": holds(budgets.VERIFICATION),
        "wrong codes of one method": f"{budgets.METHOD_HARD_CAP} in a row",
        "texts and mails": f"{hourly} in {minutes(hour)} minutes, {daily} in {minutes(day)} minutes, one in half a minute",
        "codes to a number": f"{strangers[hour]} in {minutes(hour)} minutes, {strangers[day]} in {minutes(day)} minutes",
        "requests to the Authenticator": f"{sending(fatigue.MOST)}; after one was reported, none for {minutes(unknown_requests.HELD)} minutes",
        "calls in a row": f"{sending(fatigue.MOST)}; after one was reported, none for {minutes(unknown_requests.HELD)} minutes",
        "a request to the Authenticator": f"{kind('push').way('approve').lifetime_seconds // 60} minutes, one answer",
        "a pairing code": f"{PENDING_SECONDS // 60} minutes, once; wrong short ones from a network address "
        f"{guesses.NETWORK_GUESSES.cap}, for one account {guesses.GUESSES.cap}, in {minutes(guesses.QUARTER)} minutes, "
        f"then held for {minutes(guesses.GUESSES.hold)} minutes",
        "texts and calls to one number": sending(spending.TO_A_NUMBER),
        "texts and calls to a block": sending(spending.TO_A_BLOCK),
        "texts and calls asked for": sending(spending.FROM_A_NETWORK),
        "a call": f"{kind('phone').way('call').lifetime_seconds // 60} minutes",
        "methods of a kind": ", ".join(
            f"{kind(code).limit} {name}"
            for code, name in (
                ("totp", "apps"),
                ("phone", "number for each of the three phones"),
                ("email", "address"),
                ("fido", "security keys"),
                ("app-password", "app passwords"),
            )
        ),
        "a sign-in after": f"{settings.SIGNIN_ATTEMPT_MINUTES} minutes",
        "a code of an app": f"{STEP_SECONDS} seconds, {'one step' if DRIFT_STEPS == 1 else DRIFT_STEPS} earlier or later",
        "a texted code": f"{kind('phone').way('text').lifetime_seconds // 60} minutes",
        "a mailed code": f"{kind('email').way('').lifetime_seconds // 60} minutes",
        "a question to a security key": f"{kind('fido').way('').lifetime_seconds // 60} minutes, one answer",
        "wrong app passwords of": window(budgets.APP_PASSWORD),
        "wrong app passwords from": window(budgets.APP_PASSWORD_NETWORK),
        "wrong secrets": window(budgets.SYSTEM_SECRET),
        "an app password": f"{settings.MFA_APP_PASSWORD_DAYS} days",
        "a fresh proof": f"{settings.STEP_UP_MINUTES} minutes",
        "a session of an account holder": f"{minutes(sessions.HOLDER_IDLE)} minutes without use, {minutes(sessions.HOLDER_LONGEST)} minutes",
        "a session of somebody": f"{minutes(sessions.STAFF_IDLE)} minutes without use, {minutes(sessions.STAFF_LONGEST)} minutes",
        "what one member of staff does": ", ".join(f"{action} {cap.hour}/{cap.day}" for action, cap in velocity.CAPS.items()),
        "a termination of MFA use": f"{LONGEST_DAYS} days at most | mails {NOTICES[2]}, {NOTICES[1]} and {NOTICES[0]} day before",
        "a new registration": f"{minutes(lifecycle.RECOVERY_WINDOW)} minutes",
    }
    assert {start: row(start) for start, words in documented.items() if words not in row(start)} == {}
    assert timedelta(seconds=30) == challenges.RESEND_AFTER


def test_the_documented_probability_is_an_upper_bound() -> None:
    stated = float(re.search(r"below ([\d.]+) %", LIMITS)[1])
    assert 100 * guesses_in(MONTH) * (2 * DRIFT_STEPS + 1) / 10**6 < stated
