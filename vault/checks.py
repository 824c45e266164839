"""Without a usable keyring nothing may run (R-191): this error stops every start of a deployment, and every command."""

from typing import Any

from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from vault.keyring import keyring


def check_keyring(**kwargs: Any) -> list[Error]:
    """An error when MFA_KEYS is missing or broken."""
    try:
        keyring()
    except (ImproperlyConfigured, AttributeError) as error:
        return [Error(str(error), id="vault.E001")]
    return []
