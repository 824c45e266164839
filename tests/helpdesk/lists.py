"""Lists of accounts as staff make them."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Account, SessionRecord
from helpdesk import bulk
from helpdesk.models import BulkJob, BulkRow
from tests.factories import a_totp_app, an_account, signed_in
from tests.harness.parallel import Outcome

Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]
RESET, END = "require-reregistration", "end-sessions"


def browser(account: Account) -> Client:
    client = Client()
    signed_in(client, account)
    return client


def people(count: int) -> list[Account]:
    """Accounts with a method and an open session."""
    accounts = [an_account() for _ in range(count)]
    for account in accounts:
        a_totp_app(account)
        signed_in(Client(), account)
    return accounts


def a_list(accounts: list[Account], by: Account, action: str = END, *more: str) -> BulkJob:
    text = "\n".join([*(account.common_id for account in accounts), *more])
    return bulk.prepare(action, text, actor=by, reason="phishing wave")


def post(client: Client, job: BulkJob, name: str) -> int:
    return client.post(reverse(f"helpdesk:bulk-{name}", args=[job.pk])).status_code


def running(accounts: list[Account], sato: Account, ada: Account, action: str = END) -> BulkJob:
    job = a_list(accounts, sato, action)
    bulk.ask(job, actor=sato)
    bulk.approve(job, actor=ada)
    return job


def rows(job: BulkJob) -> list[tuple[str, str]]:
    return list(BulkRow.objects.filter(job=job).order_by("line").values_list("state", "why"))


def open_sessions(accounts: list[Account]) -> int:
    return SessionRecord.objects.filter(account__in=accounts, ended_at=None).count()
