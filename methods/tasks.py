"""Thin tasks: load by id, call the verb."""

import uuid

from celery import shared_task

from methods import delivery, pumping


@shared_task
def deliver(message_id: str) -> None:
    """Send one message."""
    delivery.deliver(uuid.UUID(message_id))


@shared_task
def sweep_messages(channel: delivery.Channel) -> None:
    """Send what no hint brought: the broker was down, or a worker died."""
    delivery.sweep(channel)


@shared_task
def watch_sending() -> None:
    """Look for countries where texts and calls are sent but not used."""
    pumping.watch()
