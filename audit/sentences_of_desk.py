"""The words of what happens at the help desk."""

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.phrases import Wording, change, routine, serious, warning

OF_DESK: dict[EventName, Wording] = {
    EventName.CASE_OPENED: change(
        _("Case opened"),
        _("Case %(case)s of %(account)s was opened by %(source)s: %(case_kind)s."),
        _("A case of %(account)s was opened by %(by)s."),
    ),
    EventName.CASE_TAKEN: routine(
        _("Case taken"),
        _("Case %(case)s of %(account)s was taken by %(by)s."),
        _("A case of %(account)s was taken by %(by)s."),
    ),
    EventName.CASE_NOTED: routine(
        _("Note written"),
        _("A note was written in case %(case)s of %(account)s by %(by)s."),
        _("A note was written in a case of %(account)s by %(by)s."),
    ),
    EventName.CASE_CLOSED: change(
        _("Case closed"),
        _("Case %(case)s of %(account)s was closed by %(by)s."),
        _("A case of %(account)s was closed by %(by)s."),
    ),
    EventName.BULK_REQUESTED: serious(
        _("Work on a list requested"),
        _("%(by)s asked for work on a list (%(action)s) of %(count)s accounts."),
        _("%(by)s asked for work on a list."),
    ),
    EventName.BULK_APPROVED: serious(
        _("Work on a list approved"),
        _("%(by)s approved work on a list (%(action)s) of %(count)s accounts."),
        _("%(by)s approved work on a list."),
    ),
    EventName.BULK_REFUSED: change(
        _("Work on a list refused"), _("%(by)s refused work on a list (%(action)s)."), _("%(by)s refused work on a list.")
    ),
    EventName.BULK_STOPPED: change(
        _("Work on a list stopped"),
        _("%(by)s stopped work on a list (%(action)s); done: %(done)s of %(count)s."),
        _("%(by)s stopped work on a list."),
    ),
    EventName.BULK_RESUMED: change(
        _("Work on a list resumed"),
        _("%(by)s resumed work on a list (%(action)s); done: %(done)s of %(count)s."),
        _("%(by)s resumed work on a list."),
    ),
    EventName.BULK_FINISHED: serious(
        _("Work on a list finished"),
        _("Work on a list (%(action)s) is finished: done %(done)s of %(count)s, failed %(failed)s."),
        _("Work on a list is finished."),
    ),
    EventName.STAFF_BUSY: warning(
        _("Much done by one person"),
        _("%(account)s has done something often (%(action)s): %(count)s times in %(period)s, of at most %(most)s."),
        _("%(account)s has done something often."),
    ),
    EventName.STAFF_STOPPED: serious(
        _("Limit of one person reached"),
        _("%(account)s has reached the limit of %(most)s in %(period)s (%(action)s) and is stopped for a while."),
        _("%(account)s has reached a limit of staff."),
    ),
    EventName.BREAK_GLASS_USED: serious(
        _("Emergency account used"),
        _("The emergency account %(account)s signed in with a security key."),
    ),
    EventName.CALLER_ASKED: routine(
        _("Caller asked for a proof"),
        _("%(by)s asked whoever called for %(account)s for a proof (%(proof)s) in case %(case)s."),
        _("%(by)s asked whoever called for %(account)s for a proof."),
    ),
    EventName.CALLER_PROVED: change(
        _("Caller verified"),
        _("Whoever called for %(account)s gave a proof (%(proof)s) in case %(case)s, confirmed by %(by)s."),
        _("Whoever called for %(account)s gave a proof, confirmed by %(by)s."),
    ),
    EventName.CALLER_REFUSED: warning(
        _("Caller not verified"),
        _("Whoever called for %(account)s did not give the proof (%(proof)s) in case %(case)s."),
        _("Whoever called for %(account)s did not give a proof."),
    ),
    EventName.ACTION_REQUESTED: serious(
        _("Action requested"),
        _("%(by)s asked a second person to approve for %(account)s: %(action)s."),
        _("%(by)s asked a second person to approve an action on %(account)s."),
    ),
    EventName.ACTION_APPROVED: serious(
        _("Action approved"),
        _("%(by)s approved for %(account)s: %(action)s. It takes effect on %(until)s unless it is stopped."),
        _("%(by)s approved an action on %(account)s."),
    ),
    EventName.ACTION_REFUSED: change(
        _("Action refused"),
        _("%(by)s did not approve for %(account)s: %(action)s."),
        _("%(by)s did not approve an action on %(account)s."),
    ),
    EventName.ACTION_DROPPED: warning(
        _("Action dropped"),
        _("Not done for %(account)s: %(action)s, because %(why)s."),
        _("An action on %(account)s was not done."),
    ),
    EventName.ACTION_STOPPED: serious(
        _("Action stopped by the account holder"),
        _("%(account)s said “this was not me” to what staff did or asked for: %(action)s."),
        _("%(account)s said “this was not me” to what staff did."),
    ),
    EventName.GUIDE_MAILED: routine(_("Guide mailed"), _("%(by)s mailed the next step to %(account)s.")),
    EventName.COUNTER_CONFIRMED: serious(
        _("ID card seen at a counter"),
        _("%(by)s saw the ID card of %(account)s, whose own screen then shows a Temporary Access Pass."),
    ),
}
