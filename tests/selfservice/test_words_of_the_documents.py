"""The printed guides name headings, buttons and links: each is on its page, letter for letter, as the requirements decide it."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from policies.models import ConnectedSystem
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.push_phone import ANDROID, Phone, a_push_app
from tests.signin.door import enter_password

pytestmark = pytest.mark.django_db

REGISTERS_FIRST = {
    "/signin/more-information/": ["More information required", "Next"],
    "/security-info/app/": ["Next", "I want to use a different authenticator app", "I want to use a different method"],
    "/security-info/push/?on=other": ["Set up your account", "Next"],
    "/security-info/push/?on=phone": ["Pair your account to the app by clicking this link", "Next"],
    "/security-info/add/": ["Which method would you like to use?", "Phone", "Add"],
    "/security-info/phone/": ["What phone number would you like to use?", "Country code", "Text me a code", "Call me", "Next"],
}
OWNER = {
    "/security-info/": ["Security info", "Add method", "Default sign-in method:", "Change", "Add sign-in method"],
    "/security-info/add/": [
        "Which method would you like to add?",
        "Authenticator app",
        "Phone",
        "Alternate Phone",
        "Office Phone",
        "Security key",
        "App password",
        "Email",
        "Add",
    ],
    "/security-info/app/": ["Start by getting the app", "I want to use a different authenticator app", "Next"],
    "/security-info/phone/alternate/": ["Alternate Phone", "What phone number would you like to use?", "Next"],
    "/security-info/phone/office/": ["Office Phone", "Extension", "Next"],
    "/user-menu/": ["multi-factor authentication setting"],
    "/user-menu/mfa/": ["Use MFA", "Yes", "SAVE"],
    "/user-menu/mfa/terminate/": ["Terminate MFA Use"],
    "/my-account/": ["Security info", "Updates"],
    "/guide/": [
        "Set Up the First Verification Method",
        "Add Alternative Verification Methods",
        "Try Signing In",
        "Apply for MFA Use",
    ],
}


def texts(page: str) -> set[str]:
    """What stands on a page, element by element, and each element's whole text where others are inside."""
    main = re.sub(r"<(script|style|svg).*?</\1>", "", page, flags=re.DOTALL)
    pieces = re.findall(r">([^<>]+)<", main)
    wholes = [re.sub(r"<[^>]+>", "", found) for found in re.findall(r"<(?:a|button|h1|h2|h3|label|option)\b[^>]*>(.*?)</", main, re.DOTALL)]
    return {" ".join(unescape(text).split()) for text in [*pieces, *wholes]}


def missing(client: Client, pages: dict[str, list[str]]) -> dict[str, list[str]]:
    found = {}
    for path, words in pages.items():
        there = texts(client.get(path, follow=True).content.decode())
        found[path] = [word for word in words if word not in there]
    return {path: words for path, words in found.items() if words}


@pytest.mark.covers("S-25", "S-28", "S-29", "S-40", "S-43", "S-44", "S-45", "S-46")
def test_the_words_of_the_first_registration(client: Client, hana: Account) -> None:
    enter_password(client, hana)
    assert missing(client, REGISTERS_FIRST) == {}


@pytest.mark.covers("S-54", "S-55", "S-57", "S-65", "S-89", "S-90", "S-129", "S-131", "S-132")
def test_the_words_of_what_comes_later(client: Client, hana: Account) -> None:
    ConnectedSystem.objects.update(takes_app_passwords=True, takes_security_keys=True)
    a_totp_app(hana, last_signin_at=timezone.now())
    signed_in(client, hana)
    assert missing(client, OWNER) == {}


@pytest.mark.covers("S-69", "S-72", "S-73", "S-75", "S-77", "S-80", "S-125")
def test_the_words_at_the_door(hana: Account, ken: Account, sato: Account) -> None:
    a_push_app(hana, Phone())
    a_phone(ken)
    asked = {hana: ["Approve sign-in request", "I can't use my Authenticator app right now"], ken: ["Enter code", "Verify"]}
    for account, words in asked.items():
        client = Client(HTTP_USER_AGENT=ANDROID)
        enter_password(client, account)
        assert missing(client, {"/signin/verify/": [*words, "Use a different verification option"]}) == {}
    leaving = Client()
    signed_in(leaving, sato)
    assert missing(leaving, {"/signout/": ["You signed out of your account"]}) == {}
