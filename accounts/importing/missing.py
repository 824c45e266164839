"""Accounts that a file no longer names, or says have left, and when that is too much to be true."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.refusals import Refused, explain

SHARE = 5.0  # percent of the active accounts that may go at once
FEW = 20  # so many may always go whose lines say so
AT_ONCE = 1000

explain(
    {
        "import-too-many-missing": _(
            "%(going)d of %(active)d active accounts (%(share).1f %%) are not in the file; at most %(allowed)g %% may be marked as left at once. "
            "Check that the file is complete, or allow more with --allow-share. Nothing was changed."
        ),
        "import-too-many-leave": _(
            "%(going)d of %(active)d active accounts (%(share).1f %%) would leave at once, %(named)d of them because their lines say so; at most "
            "%(allowed)g %% may. Check what the column status says, or allow more with --allow-share. Nothing was changed."
        ),
        "import-ids-unreadable": _(
            "Lines that do not tell whose they are: %(lines)d. Nobody can be marked as left for being missing. "
            "Correct these lines, or leave out --mark-missing-as-left. Nothing was changed."
        ),
    }
)


@dataclass(frozen=True)
class Missing:
    """Primary keys of active accounts that came from an earlier file and are not in this one, among `active` accounts."""

    keys: list[int]
    active: int

    @property
    def share(self) -> float:
        """How many go, in percent."""
        return 100 * len(self.keys) / self.active if self.active else 0.0


def missing_from(named: Container[str]) -> Missing:
    """Who is missing; an account that was made by hand and never stood in a file is not, nor is one for emergencies, of nobody who exists."""
    active = Account.objects.filter(left_at=None)
    imported = (
        active.exclude(last_seen_in_import_at=None)
        .exclude(common_id__in=settings.MFA_BREAK_GLASS)
        .order_by("pk")
        .values_list("pk", "common_id")
    )
    keys = [pk for pk, common_id in imported.iterator() if common_id not in named]
    return Missing(keys, active.count())


def named_as_left(ids: Sequence[str]) -> int:
    """How many of these, whose lines say that they have left, are still active; one for emergencies stays whatever a file says."""
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    active = Account.objects.filter(left_at=None).exclude(common_id__in=settings.MFA_BREAK_GLASS)
    return sum(active.filter(common_id__in=part).count() for part in parts)


def refuse_too_many(missing: Missing, named: int, allowed: float) -> None:
    """Refused when more than `allowed` percent of the active accounts would go: as they are missing, or `named` as left."""
    if missing.share > allowed:
        raise Refused("import-too-many-missing", going=len(missing.keys), active=missing.active, share=missing.share, allowed=allowed)
    going = len(missing.keys) + named
    if named and going > FEW:
        active = Account.objects.filter(left_at=None).count()
        if (share := 100 * going / active) > allowed:
            raise Refused("import-too-many-leave", going=going, named=named, active=active, share=share, allowed=allowed)
