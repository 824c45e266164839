"""R-196: what was kept under an earlier key is read for as long as that key is accepted."""

from typing import Any

from accounts.keyed import is_keyed, keyed


def test_a_code_is_read_under_the_key_of_its_day_and_under_no_other(settings: Any) -> None:
    kept = keyed("salt", "123456")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, ["o" * 50, settings.SECRET_KEY]
    assert is_keyed(kept, "salt", "123456")
    assert not is_keyed(kept, "salt", "123457")
    assert not is_keyed(kept, "pepper", "123456")
    assert not is_keyed("", "salt", "")
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_keyed(kept, "salt", "123456")
