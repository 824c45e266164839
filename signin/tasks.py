"""Housekeeping, from beat."""

from celery import shared_task

from accounts import budgets
from methods import challenges, ending, registration, spending, travel
from policies import measuring
from policies.clock import database_now
from signin import flow


@shared_task
def clear_expired() -> None:
    """Remove what has long expired."""
    flow.clear_expired()
    challenges.clear_expired()
    registration.clear_unfinished()
    ending.end_expired()
    travel.look_after()
    ending.end_of_leavers()
    budgets.clear_old()
    spending.clear_old()
    measuring.clear_old(database_now())
