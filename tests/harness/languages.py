"""Each test begins in the site's own language, whatever a page of the test before was in."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _own_language() -> None:
    translation.deactivate()
