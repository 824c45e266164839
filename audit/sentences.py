"""The words of every event, once: a title, how serious it is, and sentences with the fullest first."""

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.phrases import Wording, change, routine, serious, warning
from audit.sentences_of_desk import OF_DESK
from audit.sentences_of_policies import OF_POLICIES
from audit.sentences_of_use import OF_USE

WORDINGS: dict[EventName, Wording] = {
    EventName.ACCOUNT_IMPORTED: change(_("Account added"), _("The account %(account)s was added by an import.")),
    EventName.ACCOUNT_UPDATED: change(_("Account details changed"), _("Details of %(account)s were changed by an import.")),
    EventName.ACCOUNT_NUMBER_GIVEN: change(
        _("Student or staff number given"),
        _("%(account)s gave the student or staff number %(institution_number)s."),
        _("%(account)s gave the student or staff number."),
    ),
    EventName.ACCOUNT_LEFT: change(_("Left the institution"), _("%(account)s was marked as having left the institution.")),
    EventName.ACCOUNT_RETURNED: change(_("Returned to the institution"), _("%(account)s returned to the institution.")),
    EventName.LEAVER_SUSPENDED: change(
        _("Methods of a leaver suspended"),
        _("%(account)s has left: all methods are suspended, and are removed after %(until)s."),
        _("%(account)s has left: all methods are suspended."),
    ),
    EventName.LEAVER_REMOVED: change(
        _("Methods of a leaver removed"),
        _("%(account)s left long enough ago: all methods are removed, and the connected systems are told."),
    ),
    EventName.LEAVER_RETURNED: change(
        _("A leaver registers anew"),
        _("%(account)s has returned: the methods from before are removed, and the person registers anew."),
    ),
    EventName.ACCOUNT_LOCKED: change(
        _("Account locked"),
        _("%(account)s was locked by %(by)s."),
    ),
    EventName.ACCOUNT_UNLOCKED: change(
        _("Account unlocked"),
        _("%(account)s was unlocked by %(by)s. It would have stayed locked until %(old_held_until)s."),
        _("%(account)s was unlocked by %(by)s."),
    ),
    EventName.PASSWORD_CHANGED: serious(
        _("Password changed on the server"),
        _("The password of %(account)s was changed by whoever runs the server."),
    ),
    EventName.ACCOUNT_SEARCHED: routine(
        _("Accounts searched"),
        _("%(by)s searched for “%(text)s”; accounts found: %(found)s."),
        _("%(by)s searched for accounts."),
    ),
    EventName.ACCOUNT_VIEWED: routine(_("Account looked at"), _("%(by)s looked at the account %(account)s.")),
    EventName.ACCOUNTS_LISTED: routine(
        _("List of accounts read"),
        _("%(by)s read a list of accounts on %(path)s."),
        _("%(by)s read a list of accounts."),
    ),
    EventName.ACCESS_DENIED: warning(
        _("Access refused"),
        _("%(by)s was kept from acting on %(account)s (%(path)s): %(why)s."),
        _("%(account)s was refused the page %(path)s: it needs the right “%(right)s”."),
        _("%(account)s was refused a page."),
    ),
    EventName.ROLE_GRANTED: serious(
        _("Role given"),
        _("%(account)s was given the role “%(role)s” by %(by)s, for the accounts of %(affiliation)s alone."),
        _("%(account)s was given the role “%(role)s” by %(by)s."),
        _("%(account)s was given a role by %(by)s."),
    ),
    EventName.ROLE_WITHDRAWN: change(
        _("Role withdrawn"),
        _("The role “%(role)s” of %(account)s was withdrawn by %(by)s."),
        _("A role of %(account)s was withdrawn by %(by)s."),
    ),
    EventName.PASSWORD_ACCEPTED: routine(_("Password accepted"), _("The right password was entered for %(account)s.")),
    EventName.PASSWORD_REFUSED: warning(
        _("Password wrong"),
        _("A password was entered for %(typed)s, which is not an account."),
        _("A wrong password was entered for %(account)s."),
    ),
    EventName.PASSWORD_HELD: warning(
        _("Password not checked"),
        _("A password for %(account)s was not checked: after too many wrong ones nothing may be tried for a while."),
    ),
    EventName.SIGNIN_SUCCEEDED: routine(
        _("Signed in"),
        _("%(account)s signed in, verified with %(verified_with)s."),
        _("%(account)s signed in."),
    ),
    EventName.SIGNIN_REFUSED: warning(
        _("Sign-in refused"),
        _("A sign-in of %(account)s was refused. %(rule)s"),
        _("A sign-in of %(account)s was refused."),
    ),
    EventName.SIGNIN_ABANDONED: routine(_("Sign-in not finished"), _("A sign-in of %(account)s was not finished.")),
    EventName.SESSION_ENDED: routine(
        _("Session ended"),
        _("Sessions of %(account)s were ended (%(sessions)s), because %(why)s."),
        _("A session of %(account)s was ended by %(by)s."),
    ),
    EventName.CHALLENGE_ISSUED: routine(
        _("Code sent"),
        _("%(account)s was sent a code for %(purpose)s: %(kind)s."),
        _("%(account)s was sent a code."),
    ),
    EventName.CHALLENGE_PASSED: routine(
        _("Verified"),
        _("%(account)s verified with %(kind)s for %(purpose)s."),
        _("%(account)s passed a verification."),
    ),
    EventName.CHALLENGE_FAILED: warning(
        _("Wrong code"),
        _("A wrong code was entered for %(account)s (%(kind)s, for %(purpose)s); failures in a row: %(failures)s."),
        _("A wrong code was entered for %(account)s."),
    ),
    EventName.CHALLENGE_HELD: warning(
        _("Code not checked"),
        _("A code for %(account)s was not checked: after too many wrong ones nothing may be tried for a while."),
    ),
    EventName.CHALLENGE_APPROVED: routine(
        _("Approved on the device"),
        _("%(account)s said yes on “%(name)s” (%(kind)s) for %(purpose)s."),
        _("%(account)s said yes on a device."),
    ),
    EventName.CHALLENGE_DECLINED: warning(
        _("Not approved on the device"),
        _("A request to %(account)s (%(kind)s, for %(purpose)s) was not approved: %(problem)s."),
        _("A request to %(account)s was not approved."),
    ),
    EventName.CHALLENGE_REPORTED: warning(
        _("Unknown request reported"),
        _("%(account)s reported a request (%(kind)s, from %(asked_from)s) as not their own. Somebody may know the password."),
        _("%(account)s reported a request as not their own. Somebody may know the password."),
    ),
    EventName.ACTIVITY_REPORTED: serious(
        _("Activity reported"),
        _("%(account)s reported that this was not them: %(what)s."),
        _("%(account)s reported something as not their own."),
    ),
    EventName.REPORT_SETTLED: change(_("Report settled"), _("A report of %(account)s was settled by %(by)s.")),
    EventName.MESSAGE_FAILED: warning(
        _("Message not sent"),
        _("A message to %(account)s (%(channel)s) could not be sent: %(problem)s."),
        _("A message to %(account)s could not be sent."),
    ),
    EventName.APP_PAIRED: routine(
        _("App paired"),
        _("An app (%(app)s) was paired with %(account)s, to be tried out before it becomes a method."),
        _("An app was paired with %(account)s."),
    ),
    EventName.SENDING_STOPPED: serious(
        _("Texts and calls stopped"),
        _("No more texts and calls go to %(country)s for now, after %(sent)s: a limit is reached."),
        _("No more texts and calls are sent for now: a limit is reached."),
    ),
    EventName.SENDING_UNUSED: serious(
        _("Texts and calls not used"),
        _("Of %(sent)s texts and calls to %(country)s within a day only %(used)s were used."),
        _("Few texts and calls to a country were used."),
    ),
    EventName.METHOD_REGISTERED: change(
        _("Method registered"),
        _("The method “%(name)s” (%(kind)s) of %(account)s was registered by %(by)s in place of “%(old_name)s”."),
        _("The method “%(name)s” (%(kind)s) of %(account)s was registered by %(by)s."),
        _("A method of %(account)s was registered by %(by)s."),
    ),
    EventName.METHOD_RENAMED: routine(
        _("Method renamed"),
        _("The method “%(old_name)s” of %(account)s was renamed “%(name)s” by %(by)s."),
        _("A method of %(account)s was renamed by %(by)s."),
    ),
    EventName.METHOD_RETIRING: change(
        _("End of a method set"),
        _("The method “%(name)s” (%(kind)s) of %(account)s ends on %(until)s, as chosen by %(by)s."),
        _("A method of %(account)s was given an end by %(by)s."),
    ),
    EventName.METHOD_KEPT: change(
        _("End of a method taken back"),
        _("The method “%(name)s” (%(kind)s) of %(account)s was to end and stays, because %(why)s."),
        _("The method “%(name)s” (%(kind)s) of %(account)s stays, as chosen by %(by)s."),
        _("A method of %(account)s stays, as chosen by %(by)s."),
    ),
    EventName.METHOD_MOVED: routine(
        _("Device of a method noted"),
        _("%(account)s said that the method “%(name)s” lives on: %(carrier)s."),
        _("%(account)s said on which device a method lives."),
    ),
    EventName.METHOD_REMOVED: serious(
        _("Method removed"),
        _("The method “%(name)s” (%(kind)s) of %(account)s was removed by %(by)s."),
        _("A method of %(account)s was removed by %(by)s."),
    ),
    EventName.METHOD_ENDED: change(
        _("Method ended"),
        _("The method “%(name)s” (%(kind)s) of %(account)s has ended, because %(why)s."),
        _("The method “%(name)s” (%(kind)s) of %(account)s has ended by itself."),
        _("A method of %(account)s has ended by itself."),
    ),
    EventName.METHOD_SUSPENDED: serious(
        _("Method suspended"),
        _("The method “%(name)s” of %(account)s was suspended, because %(why)s."),
        _("The method “%(name)s” of %(account)s was suspended."),
        _("A method of %(account)s was suspended."),
    ),
    EventName.METHOD_RESTORED: serious(
        _("Method brought back"),
        _("The method “%(name)s” of %(account)s was brought back by %(by)s."),
        _("A method of %(account)s was brought back by %(by)s."),
    ),
    EventName.METHOD_CLONED: serious(
        _("Security key perhaps copied"),
        _("“%(name)s” (%(kind)s) of %(account)s was refused: its counter has gone back, so there may be a copy of it."),
        _("A method of %(account)s was refused because there may be a copy of it."),
    ),
    EventName.APP_PASSWORD_USED: routine(
        _("App password used"),
        _("%(system)s let a program in with the app password “%(name)s” of %(account)s, from %(asked_from)s."),
        _("%(system)s let a program in with the app password “%(name)s” of %(account)s."),
        _("An app password of %(account)s was used."),
    ),
    EventName.APP_PASSWORD_REFUSED: warning(
        _("App password refused"),
        _("A wrong app password for %(account)s was tried at %(system)s, from %(asked_from)s."),
        _("A wrong app password for %(account)s was tried at %(system)s."),
        _("A wrong app password for %(account)s was tried."),
    ),
    EventName.METHOD_DEFAULT_CHANGED: change(
        _("Default method changed"),
        _("“%(name)s” became the default sign-in method of %(account)s, chosen by %(by)s."),
        _("The default sign-in method of %(account)s was changed by %(by)s."),
    ),
    EventName.ACCESS_PASS_ISSUED: serious(
        _("Temporary Access Pass issued"),
        _("%(by)s issued a Temporary Access Pass for %(account)s, valid until %(until)s."),
        _("%(by)s issued a Temporary Access Pass for %(account)s."),
    ),
    EventName.ACCESS_PASS_USED: change(
        _("Temporary Access Pass used"),
        _("%(account)s used a Temporary Access Pass and may register a verification method."),
    ),
    EventName.RECOVERY_ADDRESS_PROVED: change(
        _("Recovery address proved"),
        _("%(account)s entered the code that was mailed to the recovery address and may register a first verification method."),
    ),
    EventName.JOURNEY_PLANNED: change(
        _("Journey planned"),
        _("%(account)s travels to %(country)s from %(since)s to %(until)s, and wants to be asked with “%(name)s” meanwhile."),
        _("%(account)s travels to %(country)s from %(since)s to %(until)s."),
        _("%(account)s wants to be asked with “%(name)s” from %(since)s to %(until)s."),
        _("%(account)s planned a journey."),
    ),
    EventName.JOURNEY_ENDED: routine(
        _("Journey over"),
        _("The journey of %(account)s to %(country)s is over or was cancelled; everything is as it was before it."),
        _("The journey of %(account)s is over; the default is as it was before it."),
    ),
    EventName.METHODS_RESET: serious(
        _("Re-registration required"),
        _("All methods of %(account)s were removed by %(by)s; the account holder has to register anew."),
    ),
    EventName.RECOVERY_ADDRESS_CONFIRMED: change(
        _("Recovery address confirmed"), _("The recovery address of %(account)s was confirmed by %(by)s.")
    ),
} | OF_USE
WORDINGS |= OF_DESK | OF_POLICIES
