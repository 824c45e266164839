"""Mails: one subject file and one body file per template, in the reader's language."""

from collections.abc import Mapping
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Account
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.stopping import link


def public(path: str) -> str:
    """An address of this site as a mail tells it."""
    return f"{settings.MFA_PUBLIC_URL.rstrip('/')}{path}"


def _frame(account: Account) -> dict[str, Any]:
    japanese = translation.get_language() == "ja"
    return {
        "account": account,
        "site_url": settings.MFA_PUBLIC_URL,
        "organisation": settings.MFA_ORGANISATION_NAME_JA if japanese else settings.MFA_ORGANISATION_NAME,
        "support_name": settings.MFA_SUPPORT_NAME_JA if japanese else settings.MFA_SUPPORT_NAME,
        "support_email": settings.MFA_SUPPORT_EMAIL,
        "support_phone": settings.MFA_SUPPORT_PHONE,
    }


def written(account: Account, template: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of a mail to this account, in the language that is active."""
    context = _frame(account) | dict(facts)
    subject = " ".join(render_to_string(f"mail/{template}.subject.txt", context).split())
    body = render_to_string(f"mail/{template}.body.txt", context).strip() + "\n"
    if facts.get("stop"):
        body += "\n" + render_to_string("mail/stop.txt", {"stop_url": link(facts["stop"])}).strip() + "\n"
    return subject, body


def send_letter(account: Account, template: str, *, address: str, facts: Mapping[str, Any], reference: object) -> str:
    """Send `templates/mail/<template>.{subject,body}.txt`; `reference` is its Message-ID and the same at each try.

    NeverSent when the address is refused for good, MaybeSent when the server did not answer, NotSent otherwise.
    """
    subject, body = written(account, template, facts)
    mail = EmailMessage(subject, body, to=[address], headers={"Message-ID": f"<{reference}@mfaadmin>"})
    try:
        mail.send()
    except SMTPRecipientsRefused as refusal:
        raise _not_taken(refusal) from None
    except (TimeoutError, SMTPServerDisconnected):
        raise MaybeSent from None
    except (SMTPException, OSError) as error:
        raise NotSent(type(error).__name__) from None
    return ""


def _not_taken(refusal: SMTPRecipientsRefused) -> NotSent:
    """A full mailbox or a server that lets strangers wait answers with a code from 400 to 499 (RFC 5321, 4.2.1): later may help."""
    codes = [code for code, _ in refusal.recipients.values()]
    passes = bool(codes) and all(400 <= code < 500 for code in codes)
    return NotSent("address refused for now") if passes else NeverSent("address refused")
