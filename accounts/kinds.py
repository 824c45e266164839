"""Kinds of account, as the institution's directory names them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes


class AccountKind(models.TextChoices):
    STUDENT = "student", _("Student")
    FACULTY = "faculty", _("Faculty")
    STAFF = "staff", _("Staff")


name_codes("kind", dict(AccountKind.choices))
