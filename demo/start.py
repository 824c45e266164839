"""The demo's first page: whom to sign in as, and where things arrive."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import public
from accounts.roles import ROLES
from demo.accounts import CAST, PASSWORD, Person


@public
def start(request: HttpRequest) -> HttpResponse:
    """The demo accounts and the stand-ins for the outside world."""
    facts = {
        "password": PASSWORD,
        "columns": [_("Common ID"), _("Name"), _("Part")],
        "people": [(person.common_id, _name(person), _part(person)) for person in CAST],
        "places": [
            (reverse("authenticator:app"), "app", settings.MFA_AUTHENTICATOR_NAME, _("The app on your phone: open it in a second window.")),
            (reverse("demo:phones"), "phone", _("Phone"), _("Texts and calls arrive here, whatever number they are for.")),
            (reverse("demo:mailbox"), "mail", _("Mailbox"), _("Every mail that the site sends arrives here.")),
            (reverse("demo:systems"), "server", _("Connected systems"), _("They show what they were told, and fail when asked to.")),
        ],
    }
    return render(request, "demo/start.html", facts)


def _name(person: Person) -> str:
    return person.name_ja if get_language() == "ja" else person.name_en


def _part(person: Person) -> str:
    roles = [str(ROLES[code].label) for code in person.roles]
    return ", ".join(roles) or str(person.kind.label)
