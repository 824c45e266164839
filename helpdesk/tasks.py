"""Thin tasks: call the verb."""

from celery import shared_task

from helpdesk import bulk, bulk_work
from helpdesk.approvals import carry_out_due
from helpdesk.searching import settle


@shared_task
def carry_out() -> None:
    """Do what was approved and whose waiting time is over."""
    carry_out_due()


@shared_task
def settle_searches() -> None:
    """Record what staff have typed into the search field and left there."""
    settle()


@shared_task
def work_on_lists() -> None:
    """A portion of what was approved for many accounts; two workers at once do nothing twice."""
    bulk_work.work()


@shared_task
def forget_lists() -> None:
    """Remove lists that nobody asked for in time."""
    bulk.forget_unasked()
