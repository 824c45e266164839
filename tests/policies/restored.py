"""What tests of restores share."""

from policies.reconciling import compare
from policies.restoring import not_compared


def compare_all() -> None:
    for system in not_compared():
        compare(system)
