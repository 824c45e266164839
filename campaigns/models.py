"""Campaigns: who is asked to complete the four steps by which day, how far each has been reminded, and how it went day by day."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from accounts.models import Account, Affiliation
from policies.models import AccountList


class CampaignState(models.TextChoices):
    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"
    DISCARDED = "discarded"


class Wish(models.TextChoices):
    """What somebody asked for that a second person decides on."""

    NONE = ""
    START = "start"
    END = "end"
    MOVE = "move"  # the last day to an earlier one


class Campaign(models.Model):
    """Members of some affiliations, or of a list, are asked to finish by `due_on`, the last day by the institution's calendar.

    `remind_before`: days before the last one on which mails go out, besides the first day and the last. `requires`: after the last day every
    sign-in of whoever has not applied is verified. `edits` counts the changes of a draft. `enrolled`: everybody has been entered once.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=12, choices=CampaignState.choices, default=CampaignState.DRAFT)
    name_en = models.CharField(max_length=80)
    name_ja = models.CharField(max_length=80)
    words_en = models.TextField(blank=True)
    words_ja = models.TextField(blank=True)
    affiliations = models.ManyToManyField(Affiliation, related_name="+")
    people = models.ForeignKey(AccountList, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField()
    remind_before = models.JSONField(default=list)
    snoozes = models.PositiveSmallIntegerField(default=3)
    snooze_days = models.PositiveSmallIntegerField(default=2)
    second_method = models.BooleanField(default=True)
    requires = models.BooleanField(default=False)
    edits = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    wish = models.CharField(max_length=8, choices=Wish.choices, blank=True, default=Wish.NONE)
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # of the wish
    start_asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    started_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    started_on = models.DateField(null=True)
    moved_on = models.DateField(null=True)  # the day on which the last day was moved: the schedule of mails begins with it
    moved_from = models.DateField(null=True)  # what the last day was before
    move_to = models.DateField(null=True)  # an earlier last day that a second person decides on
    enrolled = models.BooleanField(default=False)
    stage = models.PositiveSmallIntegerField(default=0)  # days of the schedule whose mails have begun
    mails_after = models.DateTimeField(null=True)  # the next portion of mails is not planned before
    count_after = models.DateTimeField(null=True)  # how far people have come is not counted anew before
    ended_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(requires=False) | Q(started_by=None) | ~Q(started_by=F("start_asked_by")), name="requiring_campaign_needs_two"
            ),
        ]

    def __str__(self) -> str:
        return self.name_ja if get_language() == "ja" else self.name_en

    @property
    def words(self) -> str:
        """What the institution adds, in the reader's language."""
        return self.words_ja if get_language() == "ja" else self.words_en


class Member(models.Model):
    """One account that a campaign asks. `reminded` counts the days of the schedule whose mail was planned, or is not wanted any more."""

    pk = models.CompositePrimaryKey("campaign_id", "account_id")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="members", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    reminded = models.PositiveSmallIntegerField(default=0, db_default=0)
    mailed_at = models.DateTimeField(null=True)
    snoozed = models.PositiveSmallIntegerField(default=0, db_default=0)
    snoozed_until = models.DateField(null=True)  # shown again from this day on

    class Meta:
        indexes = [models.Index("campaign", "reminded", "account", name="member_by_reminder")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.account_id}"


class DayCount(models.Model):
    """How many of a campaign's people of one affiliation had come how far at the end of a day; the newest day is brought up to date."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    affiliation = models.CharField(max_length=32, blank=True)
    people = models.PositiveIntegerField()
    registered = models.PositiveIntegerField()
    second = models.PositiveIntegerField()
    tested = models.PositiveIntegerField()
    applied = models.PositiveIntegerField()
    in_effect = models.PositiveIntegerField()
    finished = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "day", "affiliation"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.affiliation}"
