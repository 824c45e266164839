"""What happened, and its seals. Rows are only ever inserted; triggers on both databases refuse anything else (R-181)."""

import uuid

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from audit.catalogue import event_choices
from audit.seals.heads import Head, Statement


class Event(models.Model):
    """One thing that happened: who, on whom, what, from where, verified how (R-184)."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    name = models.CharField(max_length=40, choices=event_choices)
    # Plain numbers instead of foreign keys: this floor knows no account, and a row outlives what it tells of.
    account_id = models.BigIntegerField(null=True)
    account_label = models.CharField(max_length=64, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=64, blank=True)
    actor_kind = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    verified_with = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    attempt = models.CharField(max_length=64, blank=True)
    session = models.CharField(max_length=64, blank=True)
    case = models.GeneratedField(
        expression=Coalesce(KeyTextTransform("case", "after"), models.Value(""), output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )
    kind = models.GeneratedField(
        expression=Coalesce(
            KeyTextTransform("kind", "after"), KeyTextTransform("kind", "before"), models.Value(""), output_field=models.TextField()
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index("account_id", models.F("id").desc(), name="event_of_account"),
            models.Index("name", models.F("id").desc(), name="event_by_name"),
            models.Index("at", name="event_by_time"),
            models.Index("actor_id", models.F("id").desc(), name="event_by_actor"),
            models.Index("kind", models.F("id").desc(), name="event_by_kind", condition=~models.Q(kind="")),
            models.Index("name", "kind", models.F("id").desc(), name="event_by_name_kind", condition=~models.Q(kind="")),
            models.Index("address", models.F("id").desc(), name="event_by_address"),
            models.Index("case", models.F("id").desc(), name="event_by_case", condition=~models.Q(case="")),
            models.Index("uid", name="event_by_uid"),
            models.Index(
                KeyTextTransform("approved_by", "after"),
                models.F("id").desc(),
                name="event_by_approver",
                condition=models.Q(after__has_key="approved_by"),
            ),
            models.Index("request_id", name="event_by_request", condition=~models.Q(request_id="")),
            models.Index("attempt", name="event_by_attempt", condition=~models.Q(attempt="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.account_label}".strip()

    @property
    def approver(self) -> str:
        """Common ID of the second person who approved it."""
        return str(self.after.get("approved_by", ""))


class Seal(models.Model):
    """A batch of events, closed: their hashes, the root over these, and a signature; linked to the seal before (R-182).

    Events get their numbers here, without gaps: they are `first` … `last` in the order of `event_ids`.
    """

    number = models.BigIntegerField(primary_key=True)
    form = models.PositiveSmallIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    settled = models.BigIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)
    # Where to look for the events, and the hash of each, so that one that was altered can be named. The root vouches for them.
    lowest_id = models.BigIntegerField()
    highest_id = models.BigIntegerField(db_index=True)
    event_ids = models.BinaryField()
    leaves = models.BinaryField()

    class Meta:
        indexes = [models.Index("sealed_at", name="seal_by_time")]

    def __str__(self) -> str:
        return f"seal {self.number}"

    @property
    def head(self) -> Head:
        """What leaves the host of it."""
        return Head(Statement(**{name: getattr(self, name) for name in Statement._fields}), self.signature)


class Retirement(models.Model):
    """Events that were removed under a rule, once they were old enough: which ones, signed; linked to the retirement before (R-189).

    `numbers` are those of the seals. The hashes of what was removed stay in its seals, so that these can be checked as before.
    """

    number = models.BigIntegerField(primary_key=True)
    rule = models.CharField(max_length=100)
    days = models.PositiveIntegerField()
    older_than = models.DateTimeField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.BigIntegerField()
    numbers = models.BinaryField()
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    retired_at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)

    def __str__(self) -> str:
        return f"retirement {self.number}"


class SavedView(models.Model):
    """A filter that an auditor keeps under a name; it changes nothing but what is offered to auditors."""

    owner_id = models.BigIntegerField(db_index=True)
    owner_label = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    is_shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Outlet(models.Model):
    """A way by which heads leave the host: the newest head that left by it, and since when none could."""

    name = models.CharField(max_length=255, primary_key=True)
    number = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Collector(models.Model):
    """Where events are sent as they are sealed: `number` is the last one it has, in the seal `seal`; the rest says how it goes."""

    name = models.CharField(max_length=255, primary_key=True)
    seal = models.BigIntegerField(default=0)
    number = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class EventTally(models.Model):
    """How often an event has happened with a kind of method or a channel; `audit.tallies` counts."""

    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=32, blank=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="one_tally_per_kind")]

    def __str__(self) -> str:
        return f"{self.name} {self.kind}: {self.count}"
