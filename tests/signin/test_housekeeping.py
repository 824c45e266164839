"""What is done every hour: each part by itself."""

from typing import Any

import pytest

from methods import spending, travel
from signin.tasks import clear_expired

pytestmark = pytest.mark.django_db


def test_a_fault_in_one_part_is_logged_and_the_others_are_done(monkeypatch: Any, caplog: Any) -> None:
    done: list[str] = []

    def broken() -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(travel, "look_after", broken)
    monkeypatch.setattr(spending, "clear_old", lambda: done.append("spending"))
    clear_expired()
    assert done == ["spending"]
    assert [record.msg["event"] for record in caplog.records if record.name == "signin.tasks"] == ["housekeeping broke off"]
