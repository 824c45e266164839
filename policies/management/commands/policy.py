"""`manage.py policy`: lists from files into the draft, and switching on where there is no second administrator yet."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.refusals import Refused
from policies.current import book_of, current_book
from policies.drafting import Change, begin, change, new_id, open_version
from policies.members import Bad, group_change, id_objection, network_change, range_objection, read_lines, unknown_among
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.rulebook.content import Network, NetworkKind
from policies.rulebook.method_words import whole
from policies.rulebook.starting import method_rules
from policies.rulebook.words import Names, aloud, who_words
from policies.switching import switch_on

SHOWN = 20


def kind(text: str) -> NetworkKind:
    """A kind of network by its code."""
    try:
        return NetworkKind(text)
    except ValueError:
        raise ArgumentTypeError(f"one of {', '.join(NetworkKind)}") from None


class Command(BaseCommand):
    """Exit code 0 when done, 1 with the reasons when nothing was changed."""

    help = "Read networks and groups from files into the draft of the policy, show what is in force, switch a draft on."

    def add_arguments(self, parser: CommandParser) -> None:
        does = parser.add_subparsers(dest="do", required=True)
        does.add_parser("show", help="what is in force, in words")
        for name, helps in (("network", "one range a line: CIDR, address, first-last"), ("group", "one Common ID a line")):
            one = does.add_parser(name, help=f"a {name} of the draft from a file; the one with this English name, or a new one. {helps}")
            one.add_argument("file", type=Path)
            one.add_argument("--name-en", required=True)
            one.add_argument("--name-ja", required=True)
            if name == "network":
                one.add_argument("--kind", type=kind, required=True, help=", ".join(NetworkKind))
        switch = does.add_parser("switch-on", help="put the draft in force, whoever runs this machine being the second person")
        switch.add_argument("--reason", required=True)
        switch.add_argument(
            "--without", type=int, default=0, help="how many people it leaves without a usable method, to show that you know"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['do'].replace('-', '_')}")(**options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None

    def _show(self, **options: Any) -> None:
        book = current_book()
        self.stdout.write(f"Version {book.number}" if book.number else "No version yet: the settings decide.")
        for place, rule in enumerate(book.rules, 1):
            self.stdout.write(f"{place}. [{rule.mode}] {rule}: {aloud(rule, book, Names())}")
        for rule_of_methods in method_rules(book):
            self.stdout.write(f"Methods, {who_words(rule_of_methods, book, Names())}: {whole(rule_of_methods)}")

    def _network(self, *, file: Path, name_en: str, name_ja: str, kind: NetworkKind, **options: Any) -> None:
        ranges = self._good(*read_lines(_text(file), range_objection))
        draft = _draft()
        known = next((one for one in book_of(draft).networks if one.name_en == name_en), None)
        made = Network(name_en, name_ja, known.code if known else new_id(), kind, tuple(ranges))
        self._change(draft, network_change(known, made))

    def _group(self, *, file: Path, name_en: str, name_ja: str, **options: Any) -> None:
        good, bad = read_lines(_text(file), id_objection)
        missing = unknown_among(good)
        bad += [Bad(number, one, "There is no such account.") for number, one in enumerate(good, 1) if one in missing]
        members, draft = self._good(good, bad), _draft()
        known = next((one for one in book_of(draft).groups if one.name_en == name_en), None)
        self._change(draft, group_change(known, name_en, name_ja, members, actor=None))

    def _good(self, good: list[str], bad: list[Bad]) -> list[str]:
        for one in bad[:SHOWN]:
            self.stderr.write(str(one))
        if bad or not good:
            raise CommandError(f"Nothing is changed: {len(bad)} lines cannot be read." if bad else "The file is empty.")
        return good

    def _change(self, draft: PolicyVersion, wanted: Change) -> None:
        change(draft.edits, wanted, actor=None)
        self.stdout.write(f"Kept in the draft of version {draft.number}; nothing counts before it is switched on.")

    def _switch_on(self, *, reason: str, without: int, **options: Any) -> None:
        draft = open_version()
        if draft is None or draft.state != VersionState.DRAFT:
            raise Refused("draft-gone")
        version = switch_on(draft.edits, actor=None, reason=reason, without=without)
        self.stdout.write(f"Version {version.number} is in force.")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from None


def _draft() -> PolicyVersion:
    draft = open_version()
    return draft if draft is not None else begin(actor=None)
