"""R-187, R-193: a log line cannot be forged, and a traceback tells no secret."""

import json
import logging
import uuid

import pytest
import structlog
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

FORMATTER = structlog.stdlib.ProcessorFormatter(
    **{key: value for key, value in settings.LOGGING["formatters"]["json"].items() if key != "()"}
)


def line(message: str, *, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    return FORMATTER.format(logging.LogRecord("test", logging.ERROR, __file__, 1, "%s", (message,), info))


@given(st.text())
def test_whatever_is_logged_stays_on_its_line_and_is_plain(message: str) -> None:
    written = line(message)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["event"] == message


def test_a_traceback_tells_no_variables() -> None:
    secret = str(uuid.uuid4())
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(f"x{len(secret)}")
    written = line("failed", error=caught.value)
    assert "ValueError" in written
    assert secret not in written
