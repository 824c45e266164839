"""Who was told that a kind of method ends."""

from django.db import models

from accounts.models import Account


class EndNotice(models.Model):
    """One mail of a row of them: at once (`step` 0), and so many days before the last one."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    last_day = models.DateField()
    step = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind", "last_day", "step"], name="one_end_notice")]

    def __str__(self) -> str:
        return f"{self.kind} {self.last_day} {self.step}"
