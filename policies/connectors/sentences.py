"""What staff read of a failure: one plain sentence for what is kept as a few words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BY_HAND = "a person has stopped it"
NOT_ACCEPTED = _("The system did not accept what was sent: its own log says why, and the options of the connector may be wrong.")

# By how the kept words begin; the first that fits is taken. A failure that is not listed is quoted.
SENTENCES: tuple[tuple[str, Promise], ...] = (
    ("the address cannot be read", _("The address of the system cannot be read.")),
    ("the address is not https", _("The address of the system has to begin with https://.")),
    ("the address is not encrypted", _("Without TLS nothing is sent: use ldaps:// or StartTLS.")),
    ("the address is not a public one", _("The address leads into a private network that is not listed in MFA_PRIVATE_HOSTS.")),
    ("the host is not on the list", _("The host is not listed in MFA_OUTGOING_HOSTS.")),
    ("the folder is not on the list", _("The folder is not listed in MFA_DROP_FOLDERS.")),
    ("the certificate is not valid", _("The certificate of the system is not valid for this address, or not to be trusted.")),
    ("the certificates of the authority", _("The certificates of the authority cannot be read.")),
    ("the request cannot be written", _("The address or the credentials contain a character that cannot be sent.")),
    ("no connection: the name was not found", _("The name of the system was not found.")),
    ("no connection: the time for it was over", _("The worker was held up for so long that it did not send anything any more.")),
    ("no connection", _("The system could not be reached.")),
    (
        "no answer: the answer is too long",
        _("The system gave a longer answer than any that is expected: see whether the address is right."),
    ),
    ("no answer", _("The system did not answer in time.")),
    ("the secret is missing", _("The credentials are missing or cannot be read: enter them anew.")),
    ("the secret is not a token", _("The credentials do not have the form of a token: one line of ASCII characters without blanks.")),
    ("the secret is", _("The credentials do not have the form that this connector needs.")),
    ("the credentials were refused", _("The system refused the credentials.")),
    ("HTTP 400", NOT_ACCEPTED),
    ("HTTP 401", _("The system refused the credentials.")),
    ("HTTP 403", _("The system does not allow what was asked.")),
    ("HTTP 404", _("The system does not know what was asked for.")),
    ("HTTP 405", _("The address is not one that takes such requests: enter the right one.")),
    ("HTTP 409", _("The system says that the request contradicts what it holds: look there for the cause.")),
    ("HTTP 410", _("The system says that this address is out of use: enter the new one.")),
    ("HTTP 413", _("The request is too large for the system: let fewer changes go into one, where the connector has an option for it.")),
    ("HTTP 422", NOT_ACCEPTED),
    ("HTTP 429", _("The system has too much to do at the moment.")),
    ("HTTP 5", _("The system has a fault of its own.")),
    ("HTTP 3", _("The address leads to another one; enter that one if it is right.")),
    ("HTTP 2", _("The system answered, but did not confirm what it was asked: see whether the address is right.")),
    ("HTTP", _("The system refused the request: its own log says why.")),
    ("settings are missing", _("Settings of this connector are missing.")),
    ("neither ", _("Nothing is chosen that could be set in this system.")),
    ("the two values", _("The values of the two states have to differ.")),
    ("this attribute has a meaning", _("This attribute has another meaning in SCIM and must not be set.")),
    ("the account is not known there", _("The system does not know this account.")),
    ("several entries", _("The system knows this account more than once.")),
    ("a newer revision", _("A newer change of this account is on its way.")),
    ("the system knows a newer", _("The system has learnt of a newer change already.")),
    ("another state was read back", _("The system holds another state than it was told.")),
    ("its settings were changed", _("The settings of the system were changed while it was being told.")),
    ("the receipt has not come", _("The file was written; its receipt has not come yet.")),
    ("the next file is not due", _("The change goes into the next file.")),
    ("the group was not found", _("The group was not found.")),
    ("the entry was not found", _("The base or the group was not found in the directory.")),
    ("the directory does not allow", _("The directory does not allow it to the account that signs in.")),
    ("the directory does not know", _("The directory does not know the attribute.")),
    ("the directory asks for a stronger", _("The directory asks for another kind of sign-in.")),
    ("the directory asks for TLS", _("Without TLS nothing is sent: use ldaps:// or StartTLS.")),
    ("the directory does not accept", _("The directory does not accept the value for this attribute.")),
    ("the directory refers to another", _("This server cannot be written to: enter the address of the one that can.")),
    ("the directory cannot be read", _("The directory gave an answer that cannot be read.")),
    ("the schema of the directory", _("The entry of this account may not have the attribute.")),
    ("the directory offers no StartTLS", _("The directory does not offer StartTLS: use ldaps://, or have StartTLS set up there.")),
    (
        "the account that signs in is locked",
        _("The directory has locked the account that signs in: unlock it there, then resume the system."),
    ),
    ("the filter cannot be read", _("The filter or the name of an attribute in the settings cannot be read.")),
    ("a DN cannot be read", _("A DN in the settings cannot be read.")),
    ("a page of the answer is missing", _("The system broke off a long answer.")),
    ("no such account, or another state", _("The system does not know this account.")),
    (
        "the account cannot stand in a file",
        _("This account begins with a sign that a spreadsheet would calculate, and is not written into files."),
    ),
    ("the application lacks a permission", _("The application lacks a permission in Microsoft Graph.")),
    (
        "group cannot be changed",
        _(
            "Microsoft Entra does not let this site change the group: it is dynamic, mail-enabled or kept by another directory. "
            "Choose a security group whose members are assigned by hand."
        ),
    ),
    ("the entry was changed by somebody", _("The entry was changed by somebody else at the same time.")),
    ("the file could not be written", _("The folder cannot be written to.")),
    ("the folder could not be read", _("The folder cannot be read.")),
    ("the service does not support", _("The service says that it does not support this kind of request.")),
    (
        "the service ignores the filter",
        _("The service ignores the filter members.value: it gives the same answer for everybody, and does not say who is in the group."),
    ),
    ("this system cannot be asked", _("This system cannot be asked for the states it holds.")),
    ("the folder is not there", _("The folder is not there.")),
    ("the folder cannot be written", _("The folder cannot be written to.")),
    (BY_HAND, _("An administrator has stopped it.")),
    ("the worker was lost before", _("The program that told the system was lost before the answer came. It may have been done.")),
    ("every worker was lost", _("Every program that tried it was lost over it.")),
)


def sentence(why: str) -> str:
    """The sentence for a failure, in the reader's language; empty for none."""
    for beginning, words in SENTENCES:
        if why.startswith(beginning):
            return str(words)
    return str(_("The connector reports: %(why)s.")) % {"why": why} if why else ""
