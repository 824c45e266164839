"""The device row of a Temporary Access Pass: a digest of it, and how often it may still be used."""

from django.db import models

from methods.devices import MethodDevice


class AccessPassDevice(MethodDevice):
    """A pass that staff handed out; when it ends stands on its method. `uses_left` is empty where it may be used until then."""

    digest = models.CharField(max_length=64)
    uses_left = models.PositiveSmallIntegerField(null=True)

    class Meta:
        default_related_name = "access_passes"
