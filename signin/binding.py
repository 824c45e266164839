"""What an attempt is bound to: the browser's cookie, and the account as it was when the password was right (R-005)."""

import hashlib

from accounts.keyed import is_keyed, keyed
from accounts.models import Account
from signin.models import SignInAttempt

SALT = "signin.attempt"


def digest(token: str) -> str:
    """What is stored of the cookie's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def password_digest(account: Account) -> str:
    """What is stored of the password the attempt began with: enough to see that it was changed."""
    return keyed(SALT, account.password)


def unchanged(attempt: SignInAttempt, account: Account) -> bool:
    """Whether nothing that the attempt was based on has changed."""
    same = (attempt.epoch, attempt.methods_version) == (account.epoch, account.methods_version)
    return same and account.is_active and is_keyed(attempt.password_digest, SALT, account.password)
