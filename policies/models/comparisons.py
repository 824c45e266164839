"""How far the comparison of a system has come; it takes longer than any worker should be held."""

from django.db import models

from policies.models.systems import ConnectedSystem


class Part(models.TextChoices):
    SETTLED = "settled"  # whose MFA use is settled
    STRANGERS = "strangers"  # after a restore: of whom no application is known


class Comparison(models.Model):
    """Of one system, while it goes on: everybody up to the account `last` is counted. A comparison that is over has no row."""

    system = models.OneToOneField(ConnectedSystem, on_delete=models.CASCADE, primary_key=True, related_name="comparison")
    began_at = models.DateTimeField()
    tried_at = models.DateTimeField()
    part = models.CharField(max_length=16, choices=Part.choices, default=Part.SETTLED)
    last = models.BigIntegerField(default=0)
    compared = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    strangers = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)  # why the last try ended early

    def __str__(self) -> str:
        return f"{self.system} {self.compared}"

    @property
    def drift(self) -> int:
        """How many accounts were not as they should be so far."""
        return self.differing + self.strangers
