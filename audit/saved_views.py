"""Filters that auditors keep: their own, and what others share. They change no account and no event."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from audit.catalogue import EventName
from audit.models import SavedView
from audit.record import record


def offered_to(reader: Any) -> QuerySet[SavedView]:
    """A reader's own views, and those that others share, by name."""
    return SavedView.objects.filter(Q(owner_id=reader.pk) | Q(is_shared=True)).order_by("name", "pk")


@transaction.atomic
def save(*, actor: Any, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep a filter under a name; one of the same name is replaced."""
    facts = {"query": query, "is_shared": is_shared, "owner_label": actor.common_id}
    view, _ = SavedView.objects.update_or_create(owner_id=actor.pk, name=name, defaults=facts)
    record(EventName.VIEW_SAVED, actor=actor, after={"name": name, "query": query, "shared": is_shared})
    return view


@transaction.atomic
def remove(view: SavedView, *, actor: Any) -> None:
    """Its owner does not need it any more."""
    before = {"name": view.name, "query": view.query, "shared": view.is_shared}
    view.delete()
    record(EventName.VIEW_REMOVED, actor=actor, before=before)
