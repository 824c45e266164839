"""Whom the parts of a policy speak of."""

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True)
class Named:
    """Something with a name in both languages."""

    name_en: str
    name_ja: str

    def __str__(self) -> str:
        return self.name_ja if get_language() == "ja" else self.name_en


@dataclass(frozen=True, kw_only=True)
class Scoped(Named):
    """Who is meant; what is empty restricts nothing."""

    id: str
    affiliations: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()  # of account
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()

    @property
    def is_for_everybody(self) -> bool:
        """Whether nobody is left out."""
        return not (self.affiliations or self.kinds or self.roles or self.groups or self.accounts)
