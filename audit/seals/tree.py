"""The Merkle tree of RFC 6962 (section 2.1) over SHA-256: leaves and nodes are hashed with different first bytes."""

from collections.abc import Sequence
from hashlib import sha256

WIDTH = 32


def leaf(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash above two others."""
    return sha256(b"\x01" + left + right).digest()


def _above(hashes: Sequence[bytes]) -> list[bytes]:
    """One level up; a last one without a neighbour rises as it is."""
    pairs = [node(hashes[place], hashes[place + 1]) for place in range(0, len(hashes) - 1, 2)]
    return [*pairs, hashes[-1]] if len(hashes) % 2 else pairs


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, of which there is at least one."""
    while len(leaves) > 1:
        leaves = _above(leaves)
    return leaves[0]


def levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The leaves, and all that is made of them up to the root."""
    made = [leaves]
    while len(made[-1]) > 1:
        made.append(_above(made[-1]))
    return made


def path(made: Sequence[Sequence[bytes]], place: int) -> list[bytes]:
    """The hashes beside the way from the leaf at `place` (from 0) up to the root: the audit path of the RFC."""
    beside = [(level, (place >> height) ^ 1) for height, level in enumerate(made[:-1])]
    return [level[neighbour] for level, neighbour in beside if neighbour < len(level)]


def cut(packed: bytes) -> list[bytes]:
    """Hashes that stand one after another."""
    return [packed[begin : begin + WIDTH] for begin in range(0, len(packed), WIDTH)]
