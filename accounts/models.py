"""Who a person is: account, affiliation, roles, sessions, failure budgets."""

import re
import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.kinds import AccountKind
from accounts.search_words import LONGEST, CodePointField, words_of
from audit.bulk import insert


class Budget(models.Model):
    """How often something failed in a row, and until when it is held; the rules are in `accounts.budgets`."""

    failures = models.PositiveIntegerField(default=0)
    holds = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Affiliation(models.Model):
    """A faculty, school or office; accounts name it by `code`."""

    code = models.SlugField(_("Code"), max_length=32, unique=True)
    name_en = models.CharField(_("Name in English"), max_length=120)
    name_ja = models.CharField(_("Name in Japanese"), max_length=120)

    class Meta:
        ordering = ["code"]
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")

    def __str__(self) -> str:
        return self.name_ja if get_language() == "ja" else self.name_en


@cache
def _id_validator(pattern: str) -> RegexValidator:
    # ASCII: to \d a full-width digit is a digit as well, and two ids that look alike would be two accounts.
    return RegexValidator(rf"\A(?:{pattern})\Z", _("This is not a Common ID."), flags=re.ASCII)


def id_pattern(value: str) -> None:
    """ValidationError unless `value` is a Common ID of this institution (setting MFA_ACCOUNT_ID_PATTERN)."""
    _id_validator(settings.MFA_ACCOUNT_ID_PATTERN)(value)


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by Common ID."""

    def create_account(self, common_id: str, password: str | None = None, **fields: Any) -> "Account":
        """A new account; without a password nobody can sign in to it."""
        account = self.model(common_id=common_id, **fields)
        account.set_password(password)
        account.full_clean(exclude=["password"])
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, Budget):
    """One person's account. The Common ID is text: leading zeros matter (S-24).

    The budget columns count failed verifications over all methods, attempts, sessions and networks (R-021).
    """

    last_login = None  # session records tell it

    common_id = models.CharField(_("Common ID"), max_length=32, unique=True, validators=[id_pattern])
    name_en = models.CharField(max_length=120, blank=True)
    name_ja = models.CharField(max_length=120, blank=True)
    affiliation = models.ForeignKey(Affiliation, on_delete=models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=16, choices=AccountKind.choices, default=AccountKind.STUDENT)
    language = models.CharField(max_length=8, default="ja")
    language_chosen = models.BooleanField(default=False)  # by the person, so that pages follow it on every browser
    institution_number = models.CharField(max_length=32, blank=True, default="", db_default="")  # of the student or staff card (S-118)
    contact_address = models.EmailField(blank=True)
    recovery_address = models.EmailField(blank=True)
    recovery_address_confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    leaves_on = models.DateField(null=True, blank=True)  # the day on which the account leaves by itself
    leaver_state = models.CharField(
        max_length=12, blank=True, default="", db_default=""
    )  # what `policies.leavers` has done with its methods
    locked_at = models.DateTimeField(null=True, blank=True)  # by staff, until staff unlock it; holds end by themselves
    last_seen_in_import_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)  # raising it ends every session, whatever a store says
    recovery_until = models.DateTimeField(null=True, blank=True)  # I7: staff allowed a new first registration until then
    registers_anew = models.BooleanField(default=False, db_default=False)  # I7: MFA use returned to who has no method: as a newcomer
    methods_version = models.PositiveIntegerField(default=0)  # a change of methods aborts open sign-in attempts
    methods_needed = models.BooleanField(default=False)  # I7: MFA use is applied for; the last usable method must stay
    mfa_asked_here = models.BooleanField(default=False)  # this site's own sign-in as a connected system
    mfa_asked_revision = models.PositiveBigIntegerField(default=0)
    campaign_until = models.DateField(null=True, blank=True)  # the last day on which a running campaign asks to finish the setup by
    campaign_requires = models.BooleanField(default=False, db_default=False)  # and whether sign-ins are verified after that day
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "common_id"
    FOUND_BY = frozenset({"common_id", "name_en", "name_ja", "contact_address"})
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        indexes = [
            models.Index("campaign_until", name="account_asked_by_campaign", condition=models.Q(campaign_until__isnull=False)),
            models.Index("leaves_on", name="account_leaves", condition=models.Q(leaves_on__isnull=False, left_at=None)),
            models.Index("leaver_state", "left_at", name="account_leaver", condition=models.Q(left_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.common_id

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and keep the words under which the account is found."""
        adding, changed = self._state.adding, options.get("update_fields")
        super().save(*args, **options)
        if changed is None or not self.FOUND_BY.isdisjoint(changed):
            SearchWord.objects.renew([self], known=not adding)

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django only reads it
        """Whether the account may be used at all."""
        return self.left_at is None and self.locked_at is None

    def get_full_name(self) -> str:
        """The name in the reader's script, else the one known."""
        first, second = (self.name_ja, self.name_en) if get_language() == "ja" else (self.name_en, self.name_ja)
        return first or second or self.common_id


class SearchWordManager(models.Manager["SearchWord"]):
    """Keeps the words of accounts."""

    def renew(self, accounts: Iterable[Account], *, known: bool = True) -> None:
        """Replace the words of these accounts; `known` False says that none has words yet."""
        accounts = list(accounts)
        if known:
            self.filter(account__in=accounts).delete()
        found = [
            (account.pk, word)
            for account in accounts
            for word in words_of(account.common_id, (account.name_en, account.name_ja), account.contact_address)
        ]
        insert(self.model, {"account": [key for key, _ in found], "word": [word for _, word in found]})


class SearchWord(models.Model):
    """One word under which an account is found; `accounts.search_words` has the rule."""

    pk = models.CompositePrimaryKey("account", "word")
    # The primary key is its index; a check in the database for each word would slow an import by a sixth.
    account = models.ForeignKey(Account, models.CASCADE, related_name="search_words", db_index=False, db_constraint=False)
    word = CodePointField(max_length=LONGEST)

    objects: ClassVar[SearchWordManager] = SearchWordManager()

    class Meta:
        indexes = [models.Index("word", "account", name="account_by_word")]

    def __str__(self) -> str:
        return self.word


class RoleGrant(models.Model):
    """That an account holds a role, for one affiliation or for all; what the role allows stands in `accounts.roles`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=24)
    affiliation = models.ForeignKey(Affiliation, on_delete=models.PROTECT, null=True, related_name="+")
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "role", "affiliation"], name="one_grant_per_affiliation"),
            models.UniqueConstraint(fields=["account", "role"], condition=models.Q(affiliation=None), name="one_grant_for_all"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.role}"


class SessionRecord(AbstractBaseSession):
    """One signed-in session: when, with what, from where. It is the badge every room reads.

    The row is Django's session and our record of it in one; it stays when the session has ended.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="session_records", null=True)
    epoch = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=32, blank=True)
    verified_kind = models.CharField(max_length=32, blank=True)
    verified_method = models.UUIDField(null=True)
    verified_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=48, blank=True)
    facts = models.JSONField(default=dict)  # by which the rule decided
    attempt = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index("account", models.F("started_at").desc(), name="session_of_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.started_at:%Y-%m-%d %H:%M}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Django asks the model for its store."""
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class FailureBudget(Budget):
    """Consecutive failures of something that has no row of its own: passwords of an account, a network (D3)."""

    scope = models.CharField(max_length=24)
    key = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_budget_per_thing")]
        indexes = [models.Index("held_until", name="budget_held", condition=models.Q(held_until__isnull=False))]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}: {self.failures}"
