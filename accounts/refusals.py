"""A verb that will not do something raises `Refused` with a reason code; one table has the sentence for each."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.error_codes import code_of, number_of

Sentence = str | Promise


class Refused(Exception):
    """Not allowed or not possible now; `code` says why, `facts` fill the sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def sentence(self) -> str:
        """What happened and what to do now, in the reader's language."""
        return str(_sentences[self.code]) % self.facts

    @property
    def told(self) -> str:
        """The sentence, and the code that its reader can say on the telephone."""
        return coded(self.sentence, self.code)

    @property
    def foretold(self) -> str:
        """The sentence where something is missing because it would be refused: nothing was tried, so the code names no request."""
        return _with_code(self.sentence, number_of(self.code))


def coded(sentence: Sentence, name: str) -> str:
    """A sentence with its code for the telephone."""
    return _with_code(sentence, code_of(name))


def _with_code(sentence: Sentence, code: str) -> str:
    return gettext("%(sentence)s (Code %(code)s)") % {"sentence": sentence, "code": code}


_sentences: dict[str, Sentence] = {}


def explain(sentences: Mapping[str, Sentence]) -> None:
    """Add a subject's sentences; ValueError when a code has one already."""
    if taken := _sentences.keys() & sentences.keys():
        raise ValueError(f"reason codes explained twice: {sorted(taken)}")
    _sentences.update(sentences)


def explained() -> Mapping[str, Sentence]:
    """Every reason code with its sentence."""
    return _sentences


explain(
    {
        "not-allowed": _("Your role does not include this. Ask an administrator if you need it."),
        "own-account": _("Staff tools cannot be used on your own account. Ask a colleague."),
        "equal-or-higher-role": _("This account has a role equal to or above yours. Ask somebody with a higher role."),
        "out-of-scope": _("There is no such account among those that you look after."),
        "account-left": _("This account has left the institution and cannot be used. Contact the support desk."),
        "account-closed": _("Your account has been locked or closed meanwhile, so nothing was changed. Contact the support desk."),
        "reason-missing": _("Write down why. The reason is kept with the action."),
        "already-locked": _("This account is locked already."),
        "number-unreadable": _("This is not a student or staff number. Enter it as it stands on your card."),
        "session-gone": _("This session has already ended."),
    }
)
