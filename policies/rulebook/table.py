"""In which named networks an address is: sorted intervals, made once per version of the policy."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from policies.rulebook.addresses import Address, Range

NOWHERE: frozenset[str] = frozenset()
Segments = tuple[list[int], list[frozenset[str]]]


class AddressTable:
    """Ranges may overlap: an address is in every network that has it."""

    def __init__(self, ranges: Mapping[str, Iterable[Range]]) -> None:
        self._families = {version: _segments(ranges, version) for version in (4, 6)}

    def networks_of(self, address: Address | None) -> frozenset[str]:
        """Codes of the networks an address is in; none for no address."""
        return NOWHERE if address is None else self.networks_at(address.version, int(address))

    def networks_at(self, version: int, number: int) -> frozenset[str]:
        """The same for an address as a number of its family."""
        starts, sets = self._families[version]
        place = bisect_right(starts, number) - 1
        return sets[place] if place >= 0 else NOWHERE

    def starts(self, version: int) -> list[int]:
        """Where each stretch of addresses begins that are in the same networks."""
        return self._families[version][0]


def _segments(ranges: Mapping[str, Iterable[Range]], version: int) -> Segments:
    """One sweep over all ends of ranges: where the set of networks changes, a segment begins."""
    ends = sorted(_ends(ranges, version))
    inside: Counter[str] = Counter()
    starts: list[int] = []
    sets: list[frozenset[str]] = []
    for place, step, code in ends:
        inside[code] += step
        here = frozenset(+inside)
        if starts and starts[-1] == place:
            sets[-1] = here
        else:
            starts.append(place)
            sets.append(here)
    return starts, sets


def _ends(ranges: Mapping[str, Iterable[Range]], version: int) -> Iterator[tuple[int, int, str]]:
    for code, of_network in ranges.items():
        for one in of_network:
            if one.version == version:
                yield one.first, 1, code
                yield one.last + 1, -1, code
