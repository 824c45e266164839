"""The line of an event for collectors: the names of its schema, and nothing typed can forge it (R-187)."""

import json

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.models import Event
from audit.out import ecs, stream
from audit.record import record

pytestmark = pytest.mark.django_db
HOSTILE = "a\r\n<13>1 forged\x1b[31m\u202e\u2028\x00\x7f\x85"


def test_the_line_has_the_names_of_the_schema(hana: Account, hiro: Account) -> None:
    with circumstances(Where(address="192.0.2.7", browser="A Browser", request_id="r", session="s", verified_with="totp")):
        event = record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="Ticket 4711", before={"locked": True})
    found = ecs.document(event, stream.Numbered(7, 2, event.pk))
    assert (found["event"]["action"], found["event"]["sequence"], found["event"]["reason"]) == ("account:unlocked", 7, "Ticket 4711")
    assert found["user"] == {
        "id": str(hiro.pk),
        "name": "1000000003",
        "target": {"id": str(hana.pk), "name": "1000000001"},
    }
    assert (found["source"], found["user_agent"], found["http"]) == (
        {"ip": "192.0.2.7"},
        {"original": "A Browser"},
        {"request": {"id": "r"}},
    )
    assert found["message"].startswith("1000000001 was unlocked by 1000000003.")
    assert found["mfaadmin"]["before"] == {"locked": True}


def test_the_line_names_the_case_the_kind_of_method_and_the_second_person(hana: Account, sato: Account) -> None:
    with circumstances(Where(case="260430-7", approver="1000000006")):
        event = record(EventName.METHOD_REMOVED, account=hana, actor=sato, before={"kind": "totp", "name": "my phone"})
    event.refresh_from_db()
    own = json.loads(ecs.line(event, stream.Numbered(7, 2, event.pk)))["mfaadmin"]
    assert {name: own[name] for name in ("case", "kind", "approver")} == {"case": "260430-7", "kind": "totp", "approver": "1000000006"}


def test_the_line_leaves_out_what_is_not_known(hana: Account) -> None:
    own = json.loads(ecs.line(event := record(EventName.ACCOUNT_VIEWED, account=hana), stream.Numbered(7, 2, event.pk)))["mfaadmin"]
    assert not {"case", "kind", "approver"} & own.keys()


@pytest.mark.parametrize("name", list(EventName))
def test_every_event_has_a_line(name: EventName) -> None:
    event = record(name)
    assert json.loads(ecs.line(event, stream.Numbered(1, 1, event.pk)))["event"]["action"] == name


@given(st.text() | st.just(HOSTILE))
def test_nothing_that_was_typed_forges_a_line(text: str) -> None:
    now = timezone.now()
    event = Event(
        at=now, name="password:refused", account_label=text, actor_kind="system", reason=text, browser=text, after={"typed": text}
    )
    line = ecs.line(event, stream.Numbered(1, 1, 1))
    assert all(32 <= byte < 127 for byte in line)
    assert json.loads(line)["mfaadmin"]["after"] == {"typed": text}


def test_numbers_that_people_typed_leave_masked(hana: Account) -> None:
    event = record(EventName.ACCOUNT_UNLOCKED, account=hana, reason="Called from +819012345678", after={"texts": ["+819012345678"]})
    line = ecs.line(event, stream.Numbered(7, 2, event.pk)).decode()
    assert "+81901" not in line
    assert json.loads(line)["mfaadmin"]["after"]["texts"][0].endswith("78")
