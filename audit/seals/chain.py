"""Whether the heads hold together: numbered without gaps, each linked to the one before, signed, and those that were published.

A head names the digest of the one before, signature and all. So one good signature vouches for every head before it; the last one
of each key is checked, and all of them only where something is wrong, to name the first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from audit.models import Seal
from audit.seals.findings import Finding
from audit.seals.heads import BEFORE_THE_FIRST, Head, Statement
from audit.seals.rows import FORMS


@dataclass
class Chain:
    """The heads read so far, and the first thing that is wrong with them."""

    keys: dict[str, bytes]
    newest: Head | None = None
    finding: Finding | None = None
    published: dict[int, list[Head]] = field(default_factory=dict)
    strange: Head | None = None  # the first published one that no key of this site signed

    @property
    def end(self) -> int:
        """The number of the newest head that was read and fits."""
        return self.newest.statement.number if self.newest else 0

    @property
    def sound(self) -> int:
        """Up to which seal the heads can be relied on."""
        return min(self.end, self.finding.seal - 1) if self.finding else self.end


def heads(first: int = 1) -> Iterator[Head]:
    """Every head in the database from `first` on, in order."""
    fields = (*Statement._fields, "signature")
    for row in Seal.objects.filter(number__gte=first).order_by("number").values_list(*fields).iterator(chunk_size=5000):
        yield Head(Statement(*row[:-1]), row[-1])


def walk(found: Iterable[Head], keys: dict[str, bytes], published: Iterable[Head] = ()) -> Chain:
    """Follow the heads until one does not fit. A published head that is also here is vouched for like every other one here."""
    chain, matched = Chain(keys), 0
    for one in published:
        chain.published.setdefault(one.statement.number, []).append(one)
    for head in found:
        chain.finding = _misfit(chain, head) or _unpublished(chain, head, matched)
        if chain.finding:
            # A stranger who signed heads of his own: the first that is his comes before what was published.
            chain.finding = (chain.finding.kind == "rewritten" and _unsigned(chain, head)) or chain.finding
            break
        matched = head.statement.last if head.statement.number in chain.published else matched
        chain.newest = head
    chain.finding = chain.finding or _unsigned(chain, chain.newest) or _cut_off(chain) or _forged(chain)
    return chain


def _misfit(chain: Chain, head: Head) -> Finding | None:
    said, before = head.statement, chain.newest
    number, last, digest = (before.statement.number, before.statement.last, before.digest()) if before else (0, 0, BEFORE_THE_FIRST)
    if said.number != number + 1:
        return _said(number + 1, last + 1, "removed", f"seal {number + 1} is missing; the next one there is seal {said.number}")
    if said.key not in chain.keys:
        return _said(said.number, said.first, "signature", f"seal {said.number} is signed with the key {said.key}, which is not known")
    if said.previous != digest:
        return _broken(chain, head)
    if said.form not in FORMS or said.first != last + 1 or said.last < said.first or _goes_back(said, before):
        return _said(said.number, last + 1, "altered", f"seal {said.number} does not go on where the one before ends")
    return _unsigned(chain, before) if before and said.key != before.statement.key else None


def _goes_back(said: Statement, before: Head | None) -> bool:
    """Neither what is settled nor the form of events is taken back by a later seal."""
    return before is not None and (said.settled < before.statement.settled or said.form < before.statement.form)


def _broken(chain: Chain, head: Head) -> Finding:
    """Where a link is broken, the signature says which of the two was altered."""
    if chain.newest and not chain.newest.is_signed_by(chain.keys):
        return _unsigned(chain, chain.newest) or _not_linked(head)
    return _not_linked(head)


def _not_linked(head: Head) -> Finding:
    said = head.statement
    return _said(said.number, said.first, "altered", f"seal {said.number} is not linked to seal {said.number - 1} as it is here")


def _unsigned(chain: Chain, until: Head | None) -> Finding | None:
    """None when `until` is signed; else the first head that is not."""
    if until is None or until.is_signed_by(chain.keys):
        return None
    for head in heads():
        if not head.is_signed_by(chain.keys):
            until = head
            break
    said = until.statement
    text = f"seal {said.number} does not bear a signature of the key {said.key}: it was altered, or signed with another key"
    return _said(said.number, said.first, "signature", text)


def _unpublished(chain: Chain, head: Head, matched: int) -> Finding | None:
    said, others = head.statement, chain.published.get(head.statement.number)
    if not others or not _believed(chain, [one for one in others if one.digest() != head.digest()]):
        return None
    text = f"seal {said.number} is not the one that was published; something from event number {matched + 1} on was rewritten"
    return _said(said.number, said.first, "rewritten", text)


def _believed(chain: Chain, published: Iterable[Head]) -> list[Head]:
    """Those that this site has signed; the first other one is kept, to be told of."""
    good = []
    for one in published:
        if one.is_signed_by(chain.keys):
            good.append(one)
        else:
            chain.strange = chain.strange or one
    return good


def _cut_off(chain: Chain) -> Finding | None:
    """A published head beyond the newest seal: the end is missing, or the database was set back."""
    beyond = [one for number, those in chain.published.items() if not 0 < number <= chain.end for one in those]
    further = max((one.statement for one in _believed(chain, beyond)), key=lambda one: one.number, default=None)
    if further is None or further.number <= chain.end:
        return None
    last = chain.newest.statement.last if chain.newest else 0
    text = f"events number {last + 1} to {further.last} are gone: seal {further.number} was published on {further.sealed_at:%Y-%m-%d %H:%M:%S} UTC, "
    return _said(chain.end + 1, last + 1, "cut off", f"{text}and the chain here ends with seal {chain.end}")


def _forged(chain: Chain) -> Finding | None:
    if chain.strange is None:
        return None
    number = chain.strange.statement.number
    text = f"the published head {number} is not signed with a key of this site; it was forged, or MFA_SEAL_OLD_KEYS lacks its key"
    return Finding(chain.end + 1, 0, "signature", text)


def _said(seal: int, event: int, kind: str, text: str) -> Finding:
    return Finding(seal, 0, kind, f"{text} (events from number {event} on)")
