"""One stage for every event of the catalogue, by what it is about."""

from tests.audit.stages import accounts, auditors, desk, door, methods, policies, systems, use  # noqa: F401  they enter their stages
