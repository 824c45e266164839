"""What an alarm can be about, in the words of the mails: raised once, and told once more when it is over."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.terms import name_codes


@dataclass(frozen=True)
class AlarmKind:
    """`title` and `text` name the system and the count; `advice` is what to do now."""

    code: str
    name: Promise
    title: Promise
    text: Promise
    advice: Promise


KINDS: dict[str, AlarmKind] = {
    kind.code: kind
    for kind in (
        AlarmKind(
            "restored",
            _("restored from a backup, or a copy"),
            _("Nothing is sent to the connected systems"),
            _(
                "The database was restored from a backup, or this is a copy of the site. The connected systems are read and not told anything."
            ),
            _(
                "Compare the systems under “Connected systems”, “After a restore”, and confirm there. On a copy do not confirm: switch it off."
            ),
        ),
        AlarmKind(
            "leavers",
            _("too many leave at once"),
            _("Too many accounts leave at once"),
            ngettext_lazy(
                "%(count)d account has left, or its day has come: more than may leave at once. Nothing is suspended or removed until you say so.",
                "%(count)d accounts have left, or their day has come: more than may leave at once. Nothing is suspended or removed until you say so.",
                "count",
            ),
            _(
                "See whether the directory was complete. If it was, “manage.py leavers” shows who they are, and --apply --allow-share lets them go."
            ),
        ),
        AlarmKind(
            "removals",
            _("too many methods to remove at once"),
            _("The methods of too many accounts are to be removed at once"),
            ngettext_lazy(
                "%(count)d account has left for long enough that its methods are removed: more than may be at once. None is removed until you say so.",
                "%(count)d accounts have left for long enough that their methods are removed: more than may be at once. None is removed until you say so.",
                "count",
            ),
            _("If so many did leave together, “manage.py leavers” shows who they are, and --apply --allow-share removes their methods."),
        ),
        AlarmKind(
            "broke-off",
            _("work of the help desk broke off"),
            _("What was approved at the help desk broke off"),
            ngettext_lazy(
                "%(count)d action that two people had approved broke off at the server within the last day. Nothing of it has happened.",
                "%(count)d actions that two people had approved broke off at the server within the last day. Nothing of them has happened.",
                "count",
            ),
            _(
                "The log of the workers has the fault. The page of the list, or of the account, says whom it concerns: have it asked for again."
            ),
        ),
        AlarmKind(
            "unconfirmed",
            _("not confirmed since a restore"),
            _("Still nothing is sent to the connected systems"),
            ngettext_lazy(
                "For %(count)d hour nothing has been sent, because nobody has confirmed that this is the site after a restore.",
                "For %(count)d hours nothing has been sent, because nobody has confirmed that this is the site after a restore.",
                "count",
            ),
            _("What people apply for waits, and so do withdrawals. Compare the systems under “After a restore”, and confirm there."),
        ),
        AlarmKind(
            "late",
            _("changes are late"),
            _("Changes for %(system)s are late"),
            ngettext_lazy(
                "%(count)d change of MFA use is more than ten minutes late for %(system)s.",
                "%(count)d changes of MFA use are more than ten minutes late for %(system)s.",
                "count",
            ),
            _(
                "Nothing is lost, and it is tried on. See on the board whether workers are running, whether the system answers and whether it is stopped."
            ),
        ),
        AlarmKind(
            "stuck",
            _("changes need a person"),
            _("Changes for %(system)s need a person"),
            ngettext_lazy(
                "%(count)d change of MFA use could not be passed on to %(system)s and is not tried again by itself.",
                "%(count)d changes of MFA use could not be passed on to %(system)s and are not tried again by themselves.",
                "count",
            ),
            _("The help desk finds each with its reason under “Deliveries”: pass it on again, or settle it."),
        ),
        AlarmKind(
            "circuit",
            _("the system does not take changes"),
            _("%(system)s does not take changes"),
            ngettext_lazy(
                "%(system)s failed %(count)d time in a row. Last answer: %(problem)s",
                "%(system)s failed %(count)d times in a row. Last answer: %(problem)s",
                "count",
            ),
            _(
                "Nothing is lost: it is left alone for some minutes, then one change is tried, then everything that waits. Look into the system."
            ),
        ),
        AlarmKind(
            "stopped",
            _("the system is stopped"),
            _("Connected system stopped: %(system)s"),
            _("Changes of MFA use are no longer passed on to %(system)s. %(problem)s"),
            _("Nothing is lost: what is due waits. Correct the settings of this system, try it, then resume it on the board."),
        ),
        AlarmKind(
            "drift",
            _("the system differs"),
            _("%(system)s differs from what it should hold"),
            ngettext_lazy(
                "When it was compared last, %(system)s held another state than it should for %(count)d account.",
                "When it was compared last, %(system)s held another state than it should for %(count)d accounts.",
                "count",
            ),
            _("See which with “manage.py propagation reconcile”, find out who changed it, then have it told again with --apply."),
        ),
    )
}
name_codes("alarm", {kind.code: kind.name for kind in KINDS.values()})
