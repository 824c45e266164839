"""What the institution adds to the guide, and what each person wants to read of it."""

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from methods.abroad import Reach
from methods.countries import every_country
from methods.registry import kinds


class Topic(models.TextChoices):
    """What a link helps with."""

    SETUP = "setup", _("The whole initial setup")
    FIRST = "step-1", _("Step 1")
    MORE = "step-2", _("Step 2")
    TRY = "step-3", _("Step 3")
    APPLY = "step-4", _("Step 4")
    NEW_PHONE = "new-phone", _("Changing the phone or the number")
    TRAVEL = "travel", _("Travelling")


class Form(models.TextChoices):
    """What stands behind a link."""

    PAGE = "page", _("Page")
    VIDEO = "video", _("Video")
    STORE = "store", _("App in a store")


def kind_choices() -> list[tuple[str, str]]:
    """The installed kinds; a function, so that another one makes no migration."""
    return [(kind.code, str(kind.verbose_name)) for kind in kinds()]


class GuideLink(models.Model):
    """A page, video or store beyond this site, for a topic or a kind of method, in one language (S-15, S-19, S-22)."""

    topic = models.CharField(_("Topic"), max_length=16, choices=Topic.choices, blank=True, help_text=_("Empty: wherever the method is."))
    kind = models.CharField(_("Method"), max_length=32, choices=kind_choices, blank=True, help_text=_("Empty: for every method."))
    language = models.CharField(_("Language"), max_length=2, choices=[("ja", "日本語"), ("en", "English")])
    form = models.CharField(_("Form"), max_length=8, choices=Form.choices, default=Form.PAGE)
    title = models.CharField(_("Title"), max_length=120)
    address = models.CharField(_("Address"), max_length=500, validators=[URLValidator(schemes=["https"])])
    position = models.PositiveSmallIntegerField(_("Position"), default=0, help_text=_("Smaller numbers come first."))
    shown = models.BooleanField(_("Shown"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("guide link")
        verbose_name_plural = _("guide links")

    def __str__(self) -> str:
        return self.title


class GuideChoice(models.Model):
    """Which methods a person wants to register, so that the guide goes on where it was, on any device (S-03, S-04)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    first = models.CharField(max_length=32, blank=True)
    more = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.first}, {', '.join(self.more)}"


def reach_choices() -> list[tuple[str, Any]]:
    """What may be known of texts and calls in a country."""
    return [(Reach.UNKNOWN, _("Not known")), (Reach.ARRIVES, _("They arrive")), (Reach.FAILS, _("They do not arrive"))]


class CountryNote(models.Model):
    """What to know of verifying in a country, such as texts that do not arrive (S-136)."""

    code = models.CharField(
        _("Country"), max_length=2, choices=every_country, blank=True, default="", db_default="",
        help_text=_("Named here, the travel plan marks what works there."),
    )  # fmt: skip
    texts = models.CharField(_("Text messages"), max_length=8, choices=reach_choices, blank=True, default="", db_default="")
    calls = models.CharField(_("Telephone calls"), max_length=8, choices=reach_choices, blank=True, default="", db_default="")

    name_en = models.CharField(_("Country, in English"), max_length=60)
    name_ja = models.CharField(_("Country, in Japanese"), max_length=60)
    note_en = models.TextField(_("Note, in English"))
    note_ja = models.TextField(_("Note, in Japanese"))
    shown = models.BooleanField(_("Shown"), default=True)

    class Meta:
        ordering = ["name_en"]
        verbose_name = _("country note")
        verbose_name_plural = _("country notes")

    def __str__(self) -> str:
        return self.name_ja if get_language() == "ja" else self.name_en

    @property
    def note(self) -> str:
        """In the reader's language."""
        return self.note_ja if get_language() == "ja" else self.note_en
