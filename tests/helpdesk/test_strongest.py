"""Before any action: the strongest method that the member of staff has, in this very session, within ten minutes; idle for 15 they are out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, SessionRecord
from tests.architecture.url_map import pages
from tests.factories import a_totp_app, a_verification, an_account, signed_in
from tests.helpdesk.conftest import REASON
from tests.methods.people import fresh_browser
from tests.methods.security_key import UP, UV, SoftKey
from tests.methods.test_fido_pages import add_key

pytestmark = pytest.mark.django_db
# Forms that keep the desk's own books and touch no account, and what only protects the person who asks.
BOOKS = {"open-case", "take-case", "note-case", "close-case", "judge-proof"}
FORMS = [page for page in pages() if page.route.startswith("helpdesk/") and getattr(page.view, "right", "") and page.route != "helpdesk/"]


def lock(client: Client, account: Account) -> str:
    return client.post(reverse("helpdesk:lock", args=[account.common_id]), REASON).headers.get("Location", "")


def test_whoever_has_a_key_acts_only_with_the_key(ada: Account, hana: Account) -> None:
    a_totp_app(ada)
    add_key(fresh_browser(ada), SoftKey(flags=UP | UV))
    weak, strong = Client(), Client()
    signed_in(weak, ada, verified=a_verification("totp"))
    assert lock(weak, hana).startswith(reverse("signin:step-up"))
    hana.refresh_from_db()
    assert hana.locked_at is None
    assert "Security key" in weak.get(reverse("signin:step-up")).content.decode()
    signed_in(strong, ada, verified=a_verification("fido"))
    assert lock(strong, hana) == reverse("helpdesk:account", args=[hana.common_id])


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.route)
def test_every_form_of_the_desk_asks_for_a_fresh_verification(page: object, ada: Account) -> None:
    """Nothing is done in a session whose last verification is older than ten minutes, but for the desk's own books."""
    stale = Client()
    signed_in(stale, ada, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    answer = stale.post(page.address)  # type: ignore[attr-defined]
    to_step_up = answer.headers.get("Location", "").startswith(reverse("signin:step-up"))
    books = {reverse(f"helpdesk:{name}", args=["any"] if "case" in name else [1]) for name in BOOKS}
    assert to_step_up or answer.status_code == 405 or page.address in books, page  # type: ignore[attr-defined]


@pytest.mark.parametrize("route", sorted({page.address for page in FORMS}))
def test_after_a_quarter_of_an_hour_without_use_every_page_of_staff_is_closed(route: str) -> None:
    staff, client = an_account(roles=("administrator",)), Client()
    badge = signed_in(client, staff)
    SessionRecord.objects.filter(pk=badge.pk).update(last_seen_at=timezone.now() - timedelta(minutes=15))
    for verb in (client.get, client.post):
        answer = verb(route)
        assert answer.status_code in {302, 405}
        assert answer.status_code == 405 or answer["Location"].startswith("/signin/")


def test_a_minute_before_it_is_still_open() -> None:
    staff, client = an_account(roles=("helpdesk",)), Client()
    badge = signed_in(client, staff)
    SessionRecord.objects.filter(pk=badge.pk).update(last_seen_at=timezone.now() - timedelta(minutes=14))
    assert client.get("/helpdesk/").status_code == 200
