"""Every component of the page frame in every state, on one page, for developers and for the tests of its looks."""

from datetime import UTC, datetime
from typing import NamedTuple

import segno
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from accounts.access import public

NOON = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)


class Step(NamedTuple):
    """One line of the setup guide."""

    title: str
    state: str
    url: str = ""
    note: str = ""


class Entry(NamedTuple):
    """One line of the left menu."""

    label: str
    url: str
    icon: str
    current: bool = False


class SampleForm(forms.Form):
    """One field of each sort that the site uses."""

    account_id = forms.CharField(label="Common ID", help_text="10 digits.", min_length=10)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    country = forms.ChoiceField(label="Country", choices=[("81", "Japan (+81)"), ("82", "Korea (+82)")])
    code = forms.CharField(
        label="Code",
        help_text="We sent a 6-digit code to +81 ••• •••• 42.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "6"}),
    )
    delivery = forms.ChoiceField(
        label="How would you like to verify?",
        choices=[("sms", "Text me a code"), ("call", "Call me")],
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="I am signed out of remote access", help_text="It will be disconnected.")


MENU = [
    Entry("Home", "#home", "home"),
    Entry("Security info", "#security", "shield", current=True),
    Entry("multi-factor authentication setting", "#setting", "settings"),
    Entry("My account", "#account", "person"),
    Entry("What happened", "#history", "history"),
]
STEPS = [
    Step("Set Up the First Verification Method", "done", "#1", "Authenticator app on your phone"),
    Step("Add Alternative Verification Methods", "done", "#2", "Phone +81 ••• •••• 42"),
    Step("Try Signing In", "current", "#3", "Takes about one minute"),
    Step("Apply for MFA Use", "todo", "", "It takes about 40 minutes until it is reflected"),
]
SYSTEMS = [
    ("Campus mail", "waiting", "Planned for 12:40", None),
    ("Learning platform", "sent", "The system has been told and has not answered yet", NOON),
    ("This site's own sign-in", "confirmed", "", NOON),
    ("Library", "delayed", "Next attempt at 12:52", NOON),
    ("Remote access", "attention", "The support desk has been told", NOON),
]
FACTS = [
    ("Common ID", "0123456789"),
    ("Name", "Hanako Yamada / 山田 花子"),
    ("Affiliation", "Faculty of Letters"),
    ("State of MFA use", "Applied, being passed on to 5 systems"),
]
EVENTS = [
    {"when": NOON, "text": "Signed in with the authenticator app", "who": "0123456789", "tone": "success"},
    {"when": NOON, "text": "Wrong code for Phone", "who": "0123456789", "tone": "warning", "detail": "192.0.2.7"},
    {"when": NOON, "text": "Phone removed by the support desk", "who": "7000000001", "tone": "danger"},
    {"when": NOON, "text": "Language changed to Japanese", "who": "0123456789", "tone": "neutral", "icon": "globe"},
]
ROWS = [
    ("0123456789", "Hanako Yamada", "Faculty of Letters", "In effect"),
    ("0123456790", "Taro Suzuki", "Graduate School of Engineering", "Applied"),
    ("0123456791", "Maria Garcia-Lindström", "Institute of Industrial Science", "None"),
]


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """All components with sample data; ?theme=light and ?theme=dark override the reader's choice."""
    wrong = SampleForm({"account_id": "123", "delivery": "fax"}, prefix="wrong")
    messages.success(request, "Your phone has been registered.")
    sample = {
        "form": SampleForm(),
        "wrong_form": wrong,
        "menu": MENU,
        "steps": STEPS,
        "systems": SYSTEMS,
        "tones": ["info", "success", "warning", "danger"],
        "links": [("I want to use a different method", "#")],
        "actions": [("Change", "#"), ("Delete", "#")],
        "facts": FACTS,
        "events": EVENTS,
        "columns": ["Account", "Name", "Affiliation", "State"],
        "rows": ROWS,
        "page": Paginator(range(200), 50).page(2),
        "qr": _qr("otpauth://totp/Example:0123456789?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"),
        "noon": NOON,
    }
    if request.GET.get("theme") in {"light", "dark"}:
        sample["theme"] = request.GET["theme"]
    return render(request, "gallery.html", sample)


@public
def gallery_focus(request: HttpRequest) -> HttpResponse:
    """The centred card with a form, as sign-in and the wizards show it."""
    code = SampleForm()
    sample = {"field": code["code"], "steps": STEPS, "links": [("I want to use a different method", "#")]}
    return render(request, "gallery/focus.html", sample)


def _qr(text: str) -> SafeString:
    return mark_safe(segno.make(text, error="m").svg_inline(border=0, svgclass=None, lineclass=None, omitsize=True))  # noqa: S308 - made here
