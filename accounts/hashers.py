"""Argon2id with the parameters of the settings; a hash made with others is renewed at the next sign-in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """OWASP's smallest recommended parameters unless the settings raise them."""

    def params(self) -> Any:
        self.time_cost = settings.MFA_ARGON2_PASSES
        self.memory_cost = settings.MFA_ARGON2_MEMORY_KIB
        self.parallelism = settings.MFA_ARGON2_LANES
        return super().params()
