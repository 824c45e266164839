"""Run beside a site, with its settings: people whose first method goes through an outside service, and work for its workers."""

import json
import sys

import django

django.setup()

from methods import challenges  # noqa: E402  the settings come first
from methods.delivery import plan_mail  # noqa: E402
from methods.kinds.push.models import PushDevice  # noqa: E402
from methods.models import Purpose  # noqa: E402
from tests.factories import a_phone, a_totp_app, an_account  # noqa: E402
from tests.methods.push_phone import Phone, a_push_app  # noqa: E402


def main() -> None:
    """Of each given person: Common ID, `way`, then the number, or the subscription of the browser; `busy`: asked at once, and told by mail."""
    for person in json.load(sys.stdin):
        account = an_account(person["common_id"])
        if person["way"] == "push":
            method = a_push_app(account, Phone())
            PushDevice.objects.filter(user=account).update(subscription=person["subscription"])
        else:
            method = a_phone(account, person["number"], way=person["way"])
        a_totp_app(account, is_default=False)
        if person.get("busy"):
            challenges.ask(account, challenges.method(method), purpose=Purpose.SIGN_IN, binding="another browser")
            plan_mail(account, "verification-held", address=account.contact_address, until="2026-01-01T00:00:00+00:00")


if __name__ == "__main__":
    main()
