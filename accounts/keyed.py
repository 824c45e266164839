"""What is kept of a code: a digest under a secret of the site, read with the keys of before as well while they are accepted (R-196)."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def keyed(salt: str, text: str, *, key: str | bytes | None = None) -> str:
    """What is kept of `text`; under another salt it looks different. `key` None is the one of now (SECRET_KEY)."""
    return salted_hmac(salt, text, secret=key, algorithm="sha256").hexdigest()


def is_keyed(kept: str, salt: str, text: str) -> bool:
    """Whether this was kept of `text`, in constant time, under the key of now or one that is still accepted (SECRET_KEY_FALLBACKS)."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return bool(kept) and any(constant_time_compare(kept, keyed(salt, text, key=key)) for key in keys)
