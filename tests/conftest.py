"""What every test may ask for. Each part of the harness has a page of its own under `tests/harness`."""

pytest_plugins = [
    "tests.harness.append_only",
    "tests.harness.brokers",
    "tests.harness.cast",
    "tests.harness.chromium",
    "tests.harness.covers",
    "tests.harness.directory",
    "tests.harness.door",
    "tests.harness.garbage",
    "tests.harness.languages",
    "tests.harness.loopback",
    "tests.harness.no_skips",
    "tests.harness.parallel",
    "tests.harness.parts",
    "tests.harness.patience",
]
