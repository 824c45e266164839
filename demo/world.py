"""What a new demo starts with: the accounts, and three systems to pass changes on to."""

from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from accounts.kinds import AccountKind
from demo.accounts import make_missing
from demo.models import SampleSystem
from policies.callers import accept_secret
from policies.systems import ensure_system


class Sample(NamedTuple):
    """One sample system and what people would use it for."""

    code: str
    name_en: str
    name_ja: str
    used_for_en: str
    used_for_ja: str
    ends_sessions: bool = False
    ends_sessions_of: str = ""
    takes_security_keys: bool = False
    needs_mfa: bool = False
    pace: float = 1.0  # of the usual window; each system has its own, as real ones have
    takes_app_passwords: bool = False


SAMPLES = [
    Sample(
        "campus-mail",
        "Campus mail",
        "学内メール",
        "Mail, calendar",
        "メール、予定表",
        takes_security_keys=True,
        takes_app_passwords=True,
        pace=0.4,
    ),
    Sample("learning", "Learning platform", "学習管理システム", "Courses, reports", "授業、レポート", takes_security_keys=True, pace=0.7),
    Sample(
        "remote-access",
        "Remote access",
        "リモートアクセス",
        "VPN",
        "VPN接続",
        needs_mfa=True,
        pace=0.9,
        ends_sessions=True,
        ends_sessions_of=AccountKind.STAFF,
    ),
]


@transaction.atomic
def load() -> None:
    """Make what is missing; the systems' addresses follow the port of this run."""
    make_missing()
    for sample in SAMPLES:
        SampleSystem.objects.get_or_create(code=sample.code)
        described = sample._asdict()
        window = round(settings.MFA_PROPAGATION_MINUTES * described.pop("pace"), 3)
        system = ensure_system(
            **described,
            window_minutes=window,
            connector="webhook",
            address=f"{settings.MFA_PUBLIC_URL}/demo/systems/{sample.code}/hook",
            secret=settings.MFA_WEBHOOK_DEMO_SECRET,
        )
        if sample.takes_app_passwords:
            accept_secret(system, settings.MFA_WEBHOOK_DEMO_SECRET)
