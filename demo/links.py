"""The strip of links that the demo shows on top of every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def demo_links(request: HttpRequest) -> dict[str, Any]:
    """Template context: label and address of each stand-in."""
    return {
        "demo_links": [
            (_("Accounts"), reverse("demo:start")),
            (settings.MFA_AUTHENTICATOR_NAME, reverse("authenticator:app")),
            (_("Demo phone"), reverse("demo:phones")),
            (_("Mailbox"), reverse("demo:mailbox")),
            (_("Connected systems"), reverse("demo:systems")),
        ]
    }
