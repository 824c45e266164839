"""Settings of a system that are changed while it is spoken to: what was told or read by the former ones counts for nothing."""

from collections.abc import Callable, Sequence

import pytest

from accounts.models import Account
from audit.models import Event
from policies.claims import claim
from policies.connectors.base import Capability, Connector
from policies.connectors.webhook import WebhookConnector
from policies.models import Application, ConnectedSystem
from policies.propagation import pass_on
from policies.reconciling import compare
from policies.systems import ensure_system
from tests.policies.deliveries import FAR, of, planned, release
from tests.policies.downstream import Downstream, Mood, obedient, refuses

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def corrected(code: str = "mail", **changed: object) -> None:
    """Somebody saves other settings of the system."""
    ConnectedSystem.objects.filter(code=code).update(**(changed or {"options": {"answers_questions": True}}))


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("mood", [obedient, refuses(404)], ids=["confirmed", "refused"])
def test_what_a_system_answered_by_former_settings_is_asked_anew(
    ready: Account, mail_system: ConnectedSystem, downstream: Downstream, mood: Mood
) -> None:
    planned(mail_system, ready)
    rows = claim("mail", Capability.KEYED)
    corrected()
    downstream.mood = mood
    pass_on(WebhookConnector(mail_system), rows, over=FAR)
    assert (len(downstream.requests), of("mail").state) == (1, "waiting")
    assert not Event.objects.filter(name__in=["delivery:confirmed", "delivery:failed"]).exists()
    downstream.mood = obedient
    release()
    assert (of("mail").state, len(downstream.effects)) == ("confirmed", 1)


def test_a_comparison_by_former_settings_stands_on_no_page(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected()
    mail_system.refresh_from_db()
    apply_for(ready)
    time_passes(41)

    def read(connector: Connector, accounts: Sequence[str]) -> dict[str, str]:
        corrected(options={"answers_questions": True, "per_request": 7})
        return dict.fromkeys(accounts, "on")

    monkeypatch.setattr(WebhookConnector, "read", read)
    for is_kept in (False, True):
        compare(mail_system)
        mail_system.refresh_from_db()
        assert (mail_system.reconciled_at is not None, mail_system.drift) == (is_kept, 0 if is_kept else None)


def test_a_system_that_is_spoken_to_otherwise_has_not_been_compared(mail_system: ConnectedSystem) -> None:
    compare(mail_system)
    described = {"connector": "webhook", "name_ja": "学内メール", "address": mail_system.address}
    for changed, is_kept in (({"name_en": "Mail"}, True), ({"name_en": "Mail", "options": {"per_request": 3}}, False)):
        system = ensure_system("mail", **(described | changed))
        system.refresh_from_db()
        assert (system.reconciled_at is not None, system.drift) == (is_kept, 0 if is_kept else None)
