"""The demo mailbox: every mail that the site sends, whoever it is for."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import public
from demo.models import Mail
from demo.parts import page_or_part

SHOWN = 50


class MailboxBackend(BaseEmailBackend):
    """Keeps mail in the database instead of sending it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store one row per recipient; returns how many messages were taken."""
        Mail.objects.bulk_create(
            Mail(recipient=recipient, sender=message.from_email, subject=str(message.subject), body=str(message.body))
            for message in email_messages
            for recipient in message.recipients()
        )
        return len(email_messages)


@public
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mail, newest first."""
    return page_or_part(request, "mailbox", {"mails": Mail.objects.all()[:SHOWN]})


@public
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail."""
    return render(request, "demo/mail.html", {"mail": get_object_or_404(Mail, pk=pk)})
