"""The words of events about MFA use, connected systems, the guide and the record itself."""

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.phrases import Wording, change, routine, serious, warning

OF_USE: dict[EventName, Wording] = {
    EventName.APPLICATION_SUBMITTED: change(_("MFA use applied for"), _("MFA use of %(account)s was applied for by %(by)s.")),
    EventName.APPLICATION_REFUSED: warning(
        _("Application refused"),
        _("An application of %(account)s for MFA use was refused: %(why)s."),
        _("An application of %(account)s for MFA use was refused."),
    ),
    EventName.APPLICATION_WITHDRAWING: change(
        _("Withdrawal on its way"),
        _("The application of %(account)s for MFA use was withdrawn by %(by)s; systems that were told already are told the reverse."),
    ),
    EventName.APPLICATION_WITHDRAWN: change(
        _("Application withdrawn"), _("The application of %(account)s for MFA use was withdrawn by %(by)s.")
    ),
    EventName.APPLICATION_IN_EFFECT: change(_("MFA use in effect"), _("MFA use of %(account)s is in effect in all required systems.")),
    EventName.TERMINATION_WISHED: warning(_("Termination wished"), _("%(account)s asked the support desk for the end of their MFA use.")),
    EventName.TERMINATION_UNWISHED: change(_("Wish taken back"), _("%(account)s does not want the end of their MFA use any more.")),
    EventName.TERMINATION_DECLINED: change(
        _("Wish declined"), _("The wish of %(account)s for the end of their MFA use was declined by %(by)s.")
    ),
    EventName.TERMINATION_REQUESTED: serious(_("Termination requested"), _("%(by)s requested that MFA use of %(account)s be terminated.")),
    EventName.TERMINATION_APPROVED: serious(
        _("Termination approved"), _("The termination of MFA use of %(account)s was approved by %(by)s.")
    ),
    EventName.TERMINATION_REFUSED: change(_("Termination refused"), _("The termination of MFA use of %(account)s was refused by %(by)s.")),
    EventName.TERMINATION_EXPIRED: change(
        _("Termination request closed"), _("The request to terminate MFA use of %(account)s was closed without a decision.")
    ),
    EventName.TERMINATION_CUT_SHORT: change(
        _("Exception ended"), _("%(by)s ended the termination of MFA use of %(account)s before its time; MFA use returns.")
    ),
    EventName.TERMINATION_ENDED: change(
        _("Termination ended"), _("The termination of MFA use of %(account)s came to its end; MFA use returns.")
    ),
    EventName.APPLICATION_TERMINATED: serious(_("MFA use terminated"), _("MFA use of %(account)s is terminated in all required systems.")),
    EventName.DELIVERY_CONFIRMED: routine(
        _("System confirmed"),
        _("%(system)s confirmed the change of MFA use of %(account)s."),
        _("A connected system confirmed the change of MFA use of %(account)s."),
    ),
    EventName.DELIVERY_FAILED: warning(
        _("System refused"),
        _("The change of MFA use of %(account)s could not be passed on to %(system)s."),
        _("The change of MFA use of %(account)s could not be passed on to a connected system."),
    ),
    EventName.DELIVERY_RETRIED: routine(
        _("Passed on again"),
        _("%(by)s had the change of MFA use of %(account)s passed on to %(system)s again."),
        _("%(by)s had the change of MFA use of %(account)s passed on again."),
    ),
    EventName.DELIVERY_SETTLED: serious(
        _("Settled by hand"),
        _("%(by)s answered for it that %(system)s holds the state of MFA use of %(account)s."),
        _("%(by)s settled a change of MFA use of %(account)s."),
    ),
    EventName.DELIVERY_AWAITED: routine(
        _("Mail wanted"),
        _("A mail is sent to %(account)s when %(system)s is ready."),
        _("A mail is sent to %(account)s when a connected system is ready."),
    ),
    EventName.GUIDE_CHANGED: change(
        _("Guide changed"),
        _("The link “%(guide_link)s” of the guide was changed by %(by)s."),
        _("A link of the guide was changed by %(by)s."),
    ),
    EventName.DELIVERY_SENT: change(
        _("Sent by hand"),
        _("%(by)s told %(system)s the state of MFA use of %(account)s once more."),
        _("%(by)s told a connected system the state of MFA use of %(account)s once more."),
    ),
    EventName.DELIVERY_REPEATED: change(
        _("Told again after a comparison"),
        _("%(system)s held another state of MFA use of %(account)s than it should, or none, and is told again."),
        _("A connected system held another state of MFA use of %(account)s than it should, and is told again."),
    ),
    EventName.AFFILIATION_CHANGED: serious(
        _("Affiliation changed"),
        _("The affiliation %(affiliation)s was changed by %(by)s."),
        _("An affiliation was changed by %(by)s."),
    ),
    EventName.SYSTEM_CHANGED: serious(
        _("Connected system changed"),
        _("The connected system %(system)s was changed by %(by)s."),
        _("A connected system was changed by %(by)s."),
    ),
    EventName.SYSTEM_STOPPED: serious(
        _("Connected system stopped"),
        _("Nothing is passed on to %(system)s until its settings have been corrected."),
        _("Nothing is passed on to a connected system until its settings have been corrected."),
    ),
    EventName.SYSTEM_HALTED: serious(
        _("Connected system stopped by hand"),
        _("%(by)s stopped %(system)s: nothing is passed on to it until it is resumed."),
        _("%(by)s stopped a connected system."),
    ),
    EventName.SYSTEM_RESUMED: serious(
        _("Connected system resumed"),
        _("Changes are passed on to %(system)s again."),
        _("Changes are passed on to a connected system again."),
    ),
    EventName.SYSTEM_TRIED: routine(
        _("Connection tried"),
        _("%(by)s tried the connection to %(system)s."),
        _("%(by)s tried the connection to a connected system."),
    ),
    EventName.SYSTEM_COMPARED: routine(
        _("Connected system compared"),
        _("%(system)s was asked for %(compared)s accounts; %(drift)s were not as they should be."),
        _("A connected system was compared with what it should hold."),
    ),
    EventName.CIRCUIT_OPENED: warning(
        _("Circuit opened"),
        _("%(system)s failed %(failures)s times in a row and is left alone for a while."),
        _("A connected system failed several times in a row and is left alone for a while."),
    ),
    EventName.CIRCUIT_TRIED: routine(
        _("Circuit tried"),
        _("One change was sent to %(system)s to see whether it is back."),
        _("One change was sent to a connected system to see whether it is back."),
    ),
    EventName.CIRCUIT_CLOSED: change(
        _("Circuit closed"),
        _("%(system)s takes changes again."),
        _("A connected system takes changes again."),
    ),
    EventName.SITE_RESTORED: serious(
        _("Restored from a backup, or a copy"),
        _(
            "The database was set back or moved. Nothing is sent to connected systems, and everybody has to sign in again. %(missing)s events are missing."
        ),
        _("The database was set back or moved. Nothing is sent to connected systems, and everybody has to sign in again."),
    ),
    EventName.SITE_CONFIRMED: serious(
        _("Confirmed after a restore"),
        _("%(by)s confirmed that this is the site. Changes are passed on to connected systems again."),
        _("It was confirmed that this is the site. Changes are passed on to connected systems again."),
    ),
    EventName.ALARM_RAISED: warning(
        _("Alarm"),
        _("The administrators were told about %(system)s: %(alarm)s."),
        _("The administrators were told: %(alarm)s."),
        _("The administrators were told of a problem."),
    ),
    EventName.ALARM_OVER: routine(
        _("Alarm over"),
        _("The alarm about %(system)s is over: %(alarm)s."),
        _("The alarm is over: %(alarm)s."),
        _("An alarm is over."),
    ),
    EventName.EVENTS_READ: routine(_("Events read"), _("Events were read by %(by)s.")),
    EventName.EVENTS_EXPORTED: change(_("Events exported"), _("Events were exported by %(by)s.")),
    EventName.EVENTS_REVEALED: change(
        _("Numbers shown in full"),
        _("Telephone numbers in an event of %(account)s were shown to %(by)s in full."),
    ),
    EventName.VIEW_SAVED: routine(_("View saved"), _("%(by)s saved the view “%(name)s”."), _("%(by)s saved a view.")),
    EventName.VIEW_REMOVED: routine(_("View removed"), _("%(by)s removed the view “%(name)s”."), _("%(by)s removed a view.")),
    EventName.EVENTS_RETIRED: serious(
        _("Events removed under a rule"),
        _("%(gone)s events were removed under the rule “%(rule)s”; a signed statement says which numbers they had."),
        _("Events were removed under a rule."),
    ),
    EventName.EXPORT_FINISHED: change(
        _("Export finished"), _("%(by)s took along %(file)s with %(rows)s rows; its digest is kept."), _("%(by)s took a file along.")
    ),
    EventName.FINDING_MADE: warning(
        _("Finding made"),
        _("%(detector)s: somebody should look into it (%(known_account)s)."),
        _("%(detector)s: somebody should look into it."),
        _("A detector found something that somebody should look into."),
    ),
    EventName.FINDING_REMARKED: routine(
        _("Finding remarked on"), _("%(by)s wrote down what was found: %(detector)s."), _("%(by)s wrote down what was found.")
    ),
    EventName.FINDING_CLOSED: change(_("Finding closed"), _("%(by)s closed a finding: %(detector)s."), _("%(by)s closed a finding.")),
    EventName.FINDING_REOPENED: warning(
        _("Finding reopened"), _("More of the same was found after it had been closed: %(detector)s."), _("A finding was reopened.")
    ),
    EventName.DETECTORS_STARTED: routine(_("Detectors started"), _("%(by)s had the detectors run.")),
    EventName.DETECTORS_STOPPED: serious(
        _("Detectors stopped"),
        _("%(by)s stopped the detectors; %(done)s of %(count)s had looked."),
        _("%(by)s stopped the detectors."),
    ),
    EventName.DETECTORS_RESUMED: change(
        _("Detectors resumed"),
        _("%(by)s had the detectors go on; %(done)s of %(count)s had looked."),
        _("%(by)s had the detectors go on."),
    ),
    EventName.THRESHOLD_CHANGED: serious(
        _("Threshold changed"),
        _("%(by)s set a threshold of “%(detector)s” from %(old_value)s to %(value)s: %(threshold)s."),
        _("%(by)s changed a threshold."),
    ),
    EventName.COLLECTOR_FAILED: serious(
        _("Events kept from leaving"),
        _("Events could not be sent to %(outlet)s: %(problem)s."),
        _("Events could not be sent to a collector."),
    ),
    EventName.COLLECTOR_RESUMED: change(
        _("Events leaving again"),
        _("Events are sent to %(outlet)s again."),
        _("Events are sent to a collector again."),
    ),
    EventName.HEADS_FAILED: serious(
        _("Heads kept from leaving"),
        _("The newest head of the audit could not leave this site by %(outlet)s: %(problem)s."),
        _("The newest head of the audit could not leave this site."),
    ),
    EventName.HEADS_RESUMED: change(
        _("Heads leaving again"),
        _("Heads of the audit leave this site by %(outlet)s again."),
        _("Heads of the audit leave this site again."),
    ),
}
