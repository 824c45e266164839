"""Passes on whatever is due, without a pause and without a broker; `python -m tests.faults.dispatcher`, killed by the harness."""

import time

import django
from django.db import DatabaseError, InterfaceError, connection


def main() -> None:
    """Until it is killed."""
    django.setup()
    from tests.faults import points  # noqa: F401, PLC0415  it may die where workers do
    from tests.policies.deliveries import release  # noqa: PLC0415  the settings come first

    while True:
        try:
            release()
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
