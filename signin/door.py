"""The page on which a person is asked, shared by sign-in and step-up; each kind brings its own middle."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from methods.models import Challenge
from methods.options import Option
from methods.registry import kind
from methods.waiting import standing


@dataclass(frozen=True)
class Door:
    """Where the forms of a challenge's page lead. `why` is what the page says above the question."""

    answer_url: str
    again_url: str
    different_url: str
    use_url: str = ""  # asks the same method in another way
    waiting_url: str = ""
    next: str = ""
    outage: str = ""  # what is said of a declared one
    why: str = ""


def challenge_page(request: HttpRequest, option: Option, challenge: Challenge | None, door: Door, form: Form | None = None) -> HttpResponse:
    """The page of this way of verifying; `challenge` is None where the device needs no asking."""
    known = kind(option.method.kind)
    facts: dict[str, Any] = {
        "form": form if form is not None else option.way.form(),
        "option": option,
        "method": option.method,
        "challenge": challenge,
        "door": door,
    }
    if challenge is not None:
        facts |= known.facts(challenge) | {"waiting": standing(challenge)}
    return render(request, option.way.template, facts)
