"""The words of events about versions of the policy."""

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.phrases import Wording, change, routine, serious

OF_POLICIES: dict[EventName, Wording] = {
    EventName.POLICY_DRAFTED: routine(
        _("Policy drafted"), _("%(by)s began version %(policy)s of the policy."), _("%(by)s began a new version of the policy.")
    ),
    EventName.POLICY_EDITED: change(
        _("Draft changed"),
        _("%(by)s changed “%(name)s” in the draft of version %(policy)s of the policy."),
        _("%(by)s changed the draft of version %(policy)s of the policy."),
        _("%(by)s changed the draft of the policy."),
    ),
    EventName.POLICY_DISCARDED: routine(
        _("Draft discarded"),
        _("%(by)s discarded the draft of version %(policy)s of the policy."),
        _("%(by)s discarded the draft of the policy."),
    ),
    EventName.POLICY_REQUESTED: serious(
        _("Weaker policy asked for"),
        _("%(by)s asked for version %(policy)s of the policy, which protects some sign-ins less. Somebody else decides."),
        _("%(by)s asked for a version of the policy that protects some sign-ins less."),
    ),
    EventName.POLICY_REFUSED: change(
        _("Policy not switched on"),
        _("%(by)s made a draft again of version %(policy)s of the policy."),
        _("%(by)s made a draft again of a version of the policy."),
    ),
    EventName.POLICY_SWITCHED_ON: serious(
        _("Policy switched on"),
        _("%(by)s switched on version %(policy)s of the policy, which %(requested_by)s had asked for, in place of version %(old_policy)s."),
        _("%(by)s switched on version %(policy)s of the policy in place of version %(old_policy)s."),
        _("%(by)s switched on a version of the policy."),
    ),
    EventName.POLICY_TRIED: routine(
        _("Policy tried"),
        _("%(by)s asked what version %(policy)s of the policy would decide for %(account)s."),
        _("%(by)s tried version %(policy)s of the policy on past sign-ins."),
        _("%(by)s tried a version of the policy."),
    ),
}
