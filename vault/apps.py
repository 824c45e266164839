from django.apps import AppConfig
from django.core.checks import register


class VaultConfig(AppConfig):
    """Secrets at rest: keyring, sealed columns, rotation."""

    name = "vault"

    def ready(self) -> None:
        from vault.checks import check_keyring

        register(check_keyring)
