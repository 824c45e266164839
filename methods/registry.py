"""The installed kinds, kept in django-two-factor-auth's registry; duplicates and strangers are errors."""

from collections.abc import Iterable

from django.apps import apps
from two_factor.plugins.registry import registry as two_factor

from audit.terms import name_codes
from methods.allowance import Allowance
from methods.contract import IssuedKind, MethodKind


class UnknownKind(LookupError):
    """No installed kind has this code."""


def register(kind: MethodKind) -> None:
    """Add a kind; ValueError when its code is taken, TypeError when it is not of our contract. Called from AppConfig.ready."""
    if not isinstance(kind, MethodKind):
        raise TypeError(f"{kind!r} is not a MethodKind")
    if any(known.code == kind.code for known in two_factor.get_methods()):
        raise ValueError(f"two method kinds are called {kind.code}")
    two_factor.register(kind)
    name_codes("kind", {kind.code: kind.verbose_name})


def forget_stock_methods() -> None:
    """Take out what django-two-factor-auth registers by itself: its devices are not ours."""
    for method in two_factor.get_methods():
        if not isinstance(method, MethodKind):
            two_factor.unregister(method.code)


def kinds() -> list[MethodKind]:
    """Every installed kind, in the order that counts where the institution has set no other (C-04)."""
    installed = [method for method in two_factor.get_methods() if isinstance(method, MethodKind)]
    return sorted(installed, key=lambda kind: (kind.rank, kind.code))


def kind(code: str) -> MethodKind:
    """The kind with this code; UnknownKind otherwise."""
    for known in kinds():
        if known.code == code:
            return known
    raise UnknownKind(code)


def ranked(known: Iterable[MethodKind], allowance: Allowance) -> list[MethodKind]:
    """Those of the kinds of which a new method may be registered, in the institution's order."""
    return sorted((one for one in known if allowance.takes(one.code)), key=lambda one: allowance.rank(one.code))


def governed_kinds() -> list[MethodKind]:
    """The kinds that a person adds by themselves: those that the institution's policy speaks of."""
    return [known for known in kinds() if not isinstance(known, IssuedKind)]


def sign_in_kinds() -> list[str]:
    """Codes of the kinds that count for signing in."""
    return [kind.code for kind in kinds() if kind.for_sign_in]


def sending_kinds() -> list[str]:
    """Codes of the kinds whose challenges may send something."""
    return [kind.code for kind in kinds() if any(way.sends for way in kind.ways)]


def passes_by_staff() -> IssuedKind:
    """The kind that staff hand out to open a registration; UnknownKind where none is installed."""
    for known in kinds():
        if isinstance(known, IssuedKind):
            return known
    raise UnknownKind("issued by staff")


def kind_apps() -> list[str]:
    """Labels of the installed apps that hold a kind; their pages are found through this list."""
    return [config.name for config in apps.get_app_configs() if config.name.startswith("methods.kinds.")]
