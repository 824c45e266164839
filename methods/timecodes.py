"""Codes of a shared secret and the time (RFC 6238): SHA-1, six digits, thirty seconds, which every app understands (S-42)."""

import hmac

from django_otp.oath import hotp

SEED_BYTES = 20  # 160 bits (RFC 4226 section 4, R-040)
STEP_SECONDS = 30
DRIFT_STEPS = 1


def matching_step(key: bytes, code: str, *, now: float) -> int | None:
    """The time step whose code this is, of the present one and its neighbours; None when it is none of them (R-041)."""
    present = int(now // STEP_SECONDS)
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    right = [step for step in steps if hmac.compare_digest(f"{hotp(key, step):06d}", code)]
    return right[-1] if right else None
