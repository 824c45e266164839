"""One stage for every event of the catalogue, by what it is about."""

from tests.audit.stages import (  # noqa: F401  they enter their stages
    accounts,
    auditors,
    campaigns,
    desk,
    door,
    leavers,
    lists,
    methods,
    policies,
    systems,
    use,
)
