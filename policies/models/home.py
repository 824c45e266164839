"""Where this database lives, and whether that is certain (R-240)."""

from django.db import models


class Home(models.Model):
    """One row. While `unsure_since` is set, nothing is passed on to connected systems: they are read only."""

    place = models.CharField(max_length=300)  # the database server and database in which it ran last
    instance = models.CharField(max_length=64, blank=True)  # MFA_INSTANCE then
    unsure_since = models.DateTimeField(null=True)
    why = models.CharField(max_length=16, blank=True)  # moved, renamed, set-back
    restore_point = models.DateTimeField(null=True)  # of the newest event that was still there
    missing = models.PositiveBigIntegerField(default=0)  # sealed events that are known outside and not here
    confirmed_at = models.DateTimeField()  # heads that were sealed before have been looked into
    revision_floor = models.PositiveBigIntegerField(default=0)  # systems may know revisions up to this which were lost here

    def __str__(self) -> str:
        return self.place
