"""Alarms: that something about propagation is not as it should be, from when it was seen until it was over."""

from django.db import models


class Alarm(models.Model):
    """One occasion; while it lasts nobody is told again, however many look (R-226, R-229)."""

    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=64, blank=True)  # code of a connected system; blank: the whole site
    count = models.PositiveIntegerField(default=0)  # when it was raised
    problem = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # last time it was still so
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], condition=models.Q(over_at=None), name="one_alarm_at_a_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
