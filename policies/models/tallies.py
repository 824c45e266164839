"""How late the connected systems confirmed: counted as they do, so that an estimate reads a few rows and not every delivery."""

from django.db import models

from policies.models.systems import ConnectedSystem


class LatenessTally(models.Model):
    """How many deliveries a system confirmed on one day (UTC) within `seconds` of their due time, and not within the step before."""

    system = models.ForeignKey(ConnectedSystem, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    seconds = models.PositiveIntegerField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "day", "seconds"], name="one_tally_per_step")]

    def __str__(self) -> str:
        return f"{self.system_id} {self.day} {self.seconds} s: {self.count}"
