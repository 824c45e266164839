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
    EventName.OUTAGE_REQUESTED: change(
        _("Outage asked for"),
        _("%(by)s asked to declare “%(name)s” until %(until)s. Somebody else decides."),
        _("%(by)s asked to declare an outage."),
    ),
    EventName.OUTAGE_BEGUN: serious(
        _("Outage declared"),
        _("%(by)s declared “%(name)s” until %(until)s, as %(requested_by)s had asked: methods are asked in another order."),
        _("%(by)s declared an outage."),
    ),
    EventName.OUTAGE_ENDED: change(
        _("Outage over"),
        _("%(by)s ended “%(name)s”: methods are asked in the usual order."),
        _("“%(name)s” ended by itself: methods are asked in the usual order."),
        _("A declared outage ended."),
    ),
    EventName.OUTAGE_REPORTED: routine(
        _("Report of an outage taken"),
        _("%(by)s downloaded who signed in during “%(name)s”."),
        _("%(by)s downloaded who signed in during an outage."),
    ),
    EventName.POLICY_TRIED: routine(
        _("Policy tried"),
        _("%(by)s asked what version %(policy)s of the policy would decide for %(account)s."),
        _("%(by)s tried version %(policy)s of the policy on past sign-ins."),
        _("%(by)s tried a version of the policy."),
    ),
    EventName.CAMPAIGN_DRAFTED: routine(
        _("Campaign drafted"), _("%(by)s drafted the campaign “%(campaign)s”."), _("%(by)s drafted a campaign.")
    ),
    EventName.CAMPAIGN_EDITED: change(
        _("Campaign changed"), _("%(by)s changed the draft of the campaign “%(campaign)s”."), _("%(by)s changed the draft of a campaign.")
    ),
    EventName.CAMPAIGN_DISCARDED: routine(
        _("Campaign discarded"),
        _("%(by)s discarded the draft of the campaign “%(campaign)s”."),
        _("%(by)s discarded the draft of a campaign."),
    ),
    EventName.CAMPAIGN_REQUESTED: serious(
        _("Decision on a campaign asked for"),
        _("%(by)s asked that the campaign “%(campaign)s”, which decides how others sign in, be %(wish)s. Somebody else decides."),
        _("%(by)s asked for a decision on a campaign. Somebody else decides."),
    ),
    EventName.CAMPAIGN_REFUSED: change(
        _("Decision on a campaign refused"),
        _("%(by)s refused, or took back, that the campaign “%(campaign)s” be %(wish)s."),
        _("%(by)s refused, or took back, a decision on a campaign."),
    ),
    EventName.CAMPAIGN_STARTED: serious(
        _("Campaign started"),
        _("%(by)s started the campaign “%(campaign)s”, which %(requested_by)s had asked for. The last day is %(until)s."),
        _("%(by)s started the campaign “%(campaign)s”. The last day is %(until)s."),
        _("%(by)s started a campaign."),
    ),
    EventName.CAMPAIGN_MOVED: serious(
        _("Last day of a campaign moved"),
        _("%(by)s moved the last day of the campaign “%(campaign)s” to %(until)s, as %(requested_by)s had asked."),
        _("%(by)s moved the last day of the campaign “%(campaign)s” to %(until)s."),
        _("The last day of a campaign was moved by %(by)s."),
    ),
    EventName.CAMPAIGN_ENDED: serious(
        _("Campaign ended"),
        _("%(by)s ended the campaign “%(campaign)s”, which %(requested_by)s had asked for."),
        _("The campaign “%(campaign)s” was ended by %(by)s."),
        _("A campaign was ended by %(by)s."),
    ),
    EventName.CAMPAIGN_REMINDED: routine(
        _("Reminders begun"),
        _("Mails of the campaign “%(campaign)s” to those who have not finished began to go out."),
        _("Mails of a campaign to those who have not finished began to go out."),
    ),
    EventName.CAMPAIGN_SNOOZED: routine(
        _("Campaign put off"),
        _("%(account)s put off what the campaign “%(campaign)s” asks until %(until)s."),
        _("%(account)s put off what a campaign asks."),
    ),
    EventName.CAMPAIGN_LISTED: routine(
        _("List of people read"),
        _("%(by)s read who has not finished the campaign “%(campaign)s”."),
        _("%(by)s read who has registered but never applied; accounts: %(found)s."),
        _("%(by)s read a list of people."),
    ),
}
