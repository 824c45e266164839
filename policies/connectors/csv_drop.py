"""A system that only reads files: a signed file per window in a folder, and the receiver's receipt beside it."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from policies.clock import database_now
from policies.connectors.base import Answer, Capability, Change, Connector, NotYet, Outdated, Permanent, Transient, Unknown, together
from policies.connectors.dropping import Folder, signer
from policies.connectors.options import Chosen, Option
from policies.connectors.states import NOT_THERE, Failures, outdated, portions

COLUMNS = ("account", "state", "revision", "key")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", '"')  # how a cell begins that a spreadsheet would calculate or quote
WAITS = "the receipt has not come yet"
ASK_AGAIN = timedelta(minutes=1)


class CsvDropConnector(Connector):
    """Each change stands in one file; repeating it is harmless because its key and its revision are the same."""

    code = "csv"
    label = _("CSV files in a folder")
    capability = Capability.KEYED
    options = (
        Option(
            "receipts",
            _("The receiver writes receipts"),
            default=True,
            help=_("Without receipts a change counts as confirmed as soon as its file lies in the folder."),
        ),
        Option("minutes", _("Minutes between two files"), default=5, highest=24 * 60),
        Option("signature", _("Signature"), default="ed25519", choices=(("ed25519", "Ed25519"), ("hmac", "HMAC-SHA256"))),
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.window = self.gathers(self.chosen)
        self.pause = min(ASK_AGAIN, self.window) if self.chosen.flag("receipts") else self.window

    @classmethod
    def gathers(cls, chosen: Chosen) -> timedelta:
        """The window of a file."""
        return timedelta(minutes=chosen.number("minutes"))

    @property
    def folder(self) -> Folder:
        """Where the files go; Configuration unless MFA_DROP_FOLDERS allows it."""
        return Folder(self.system.address, self.system.code, signer(self.chosen.text("signature"), self.secret()))

    def tell(self, change: Change) -> None:
        """A file of one line."""
        for answer in self.apply([change]):
            if answer.failure:
                raise answer.failure

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """Write what was not written yet into one file; with receipts only these confirm."""
        for some in portions(changes, lambda: max(1, len(changes))):
            failures: Failures = outdated(self.system, some) | {change.key: _unfit() for change in some if not _fits(change)}
            failures |= self._drop([change for change in some if change.key not in failures])
            yield from together([Answer(change, failures.get(change.key)) for change in some])

    def _drop(self, changes: Sequence[Change]) -> Failures:
        folder, receipts = self.folder, self.chosen.flag("receipts")
        written = folder.written() if receipts else {}
        todo = [change for change in changes if not _counts(written.get(change.key), change)]
        early: Failures = self._early(todo, max(written.values(), default=None))
        if now := [change for change in todo if change.key not in early]:
            folder.write(as_csv(now), at=database_now())  # the clock that says when it was asked for
        if not receipts:
            return {}
        said = folder.receipts()
        new = {change.key for change in now}
        judged = {
            change.key: _judged(change, *said.get(change.key, (None, "")), is_new=change.key in new)
            for change in changes
            if change.key not in early
        }
        return early | {key: failure for key, failure in judged.items() if failure}

    def _early(self, todo: Sequence[Change], last: datetime | None) -> Failures:
        """Those that wait for the next file: what had become due before the `last` one is of its window, and did not fit into it."""
        left = min(last + self.window - database_now(), self.window) if last else timedelta()
        if last is None or left <= timedelta():
            return {}
        return {change.key: NotYet("the next file is not due yet", left) for change in todo if change.due_at and change.due_at > last}

    def try_connection(self) -> None:
        """Write a file and take it away again."""
        self.folder.must_be_writable()


def as_csv(changes: Sequence[Change]) -> bytes:
    """The content of a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((change.account, change.state, change.revision, change.key) for change in changes)
    return text.getvalue().encode()


def _fits(change: Change) -> bool:
    return not change.account.startswith(FORMULA)


def _unfit() -> Permanent:
    """Never altered: an account that reads differently there would be another account."""
    return Permanent("the account cannot stand in a file")


def _counts(at: datetime | None, change: Change) -> bool:
    """Whether a file of this moment is about the change as it was asked for last."""
    return at is not None and (change.asked_at is None or at >= change.asked_at)


def _judged(change: Change, at: datetime | None, outcome: str, *, is_new: bool) -> Transient | Permanent | Outdated | None:
    match outcome if _counts(at, change) else "":
        case "applied":
            return None
        case "unknown-account":
            return Unknown(NOT_THERE)
        case "outdated":
            return Outdated("the system knows a newer revision")
        case _:
            return Transient(WAITS, retry_after=ASK_AGAIN, is_expected=True, is_taken=is_new)
