"""A change of MFA use on its way, as the help desk follows it: like the holder, with attempts and last answers (S-91)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from policies.models import ConnectedSystem, Delivery
from policies.systems import ensure_system
from tests.helpdesk.conftest import Caller, a_request

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def page(desk: Client, account: Account) -> str:
    return desk.get(reverse("helpdesk:account", args=[account.common_id])).content.decode()


@pytest.mark.covers("S-91", "S-92")
def test_the_tracker_of_the_desk_is_renewed_by_itself_until_all_have_confirmed(desk: Client, caller: Caller) -> None:
    part = reverse("helpdesk:tracker", args=[caller.account.common_id])
    assert f'data-poll-url="{part}"' in page(desk, caller.account)
    html = desk.get(part).content.decode()
    assert "about 40 minutes left" in html
    assert "data-poll-done" not in html
    Delivery.objects.update(state="confirmed", confirmed_at=timezone.now())
    assert "data-poll-done" in desk.get(part).content.decode()


def test_the_tracker_by_itself_is_a_look_like_any_other(desk: Client, caller: Caller, ken: Account) -> None:
    part = reverse("helpdesk:tracker", args=[caller.account.common_id])
    for _poll in range(3):
        desk.get(part)
    assert Event.objects.filter(name="account:viewed", account_id=caller.account.pk).count() == 1
    assert desk.get(reverse("helpdesk:tracker", args=[ken.common_id])).status_code == 404, "nothing is on its way"


@pytest.mark.covers("S-98")
def test_whoever_asks_for_or_approves_a_termination_reads_what_will_stop_working(
    desk: Client, caller: Caller, somebody_else: Account
) -> None:
    assert "cannot be used without MFA" not in page(desk, caller.account)
    ensure_system("vpn", connector="webhook", name_en="VPN", name_ja="VPN")  # connected since: nobody has told it of the caller
    ConnectedSystem.objects.filter(code="vpn").update(needs_mfa=True)
    assert "Tell the caller that these cannot be used without MFA: VPN" in page(desk, caller.account)
    a_request(caller.account, somebody_else)
    assert "<p>Cannot be used without MFA: VPN</p>" in page(desk, caller.account)


def test_staff_are_not_told_that_they_need_not_do_anything(desk: Client, caller: Caller) -> None:
    Delivery.objects.update(state="failed", last_answer="HTTP 404")
    html = page(desk, caller.account)
    assert "Staff have to look at it under “Deliveries”" in html
    assert "need not do anything" not in html
