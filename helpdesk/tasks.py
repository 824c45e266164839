"""Thin tasks: call the verb."""

from celery import shared_task

from helpdesk.approvals import carry_out_due


@shared_task
def carry_out() -> None:
    """Do what was approved and whose waiting time is over."""
    carry_out_due()
