"""What a method is called: by its owner, else by what it is."""

import unicodedata

from accounts.models import Account
from methods.contract import IssuedKind, Label
from methods.models import RegisteredMethod
from methods.registry import kind
from methods.usable import listed

NAME_LENGTH = 64


def clean_name(text: str) -> str:
    """A name for a method without control, formatting or bidi characters, at most 64 long (R-138)."""
    printable = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")
    return " ".join(printable.split())[:NAME_LENGTH]


def free_name(account: Account, wanted: str) -> str:
    """`wanted`, with a number when the account has a method of that name already."""
    taken, name, number = {method.name for method in listed(account)}, wanted, 2
    while name in taken:
        name, number = f"{wanted} {number}", number + 1
    return name


def shown_name(method: RegisteredMethod) -> Label:
    """What pages call a method: what staff handed out has no owner's name, and is called what it is in the reader's language."""
    known = kind(method.kind)
    return known.verbose_name if isinstance(known, IssuedKind) else method.name
