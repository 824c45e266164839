"""The garbage of thousands of tests is looked for in what they make, not in the thousands of tests: a sixth of the time of a run."""

import gc

gc.disable()  # while tests are collected nothing of them is garbage


def pytest_collection_finish() -> None:
    """What is there now stays to the end."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
