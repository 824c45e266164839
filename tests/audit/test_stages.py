"""The catalogue is complete and true: for every event something real is done, and it leaves exactly one, with all that belongs to it (R-186)."""

import inspect

import pytest

import tests.audit.stages  # noqa: F401  each stage enters itself
from audit.catalogue import EventName
from audit.models import Event
from tests.audit.stages.staging import BROWSER, CAST, STAGES, WHERE, Stage
from tests.methods.conftest import exchange, handset  # noqa: F401  fixtures
from tests.methods.push_phone import ANDROID
from tests.policies.conftest import downstream, mail_system  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
COLUMNS = {"case", "approved_by"}  # facts of which the explorer makes columns: circumstances here


def played(stage: Stage, name: EventName, request: pytest.FixtureRequest) -> list[Event]:
    """What was recorded under this name while it was done."""
    play = stage.play(**{fixture: request.getfixturevalue(fixture) for fixture in inspect.signature(stage.play).parameters})
    next(play)
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    assert next(play, None) is None
    return list(Event.objects.filter(pk__gt=last, name=name))


@pytest.mark.covers("S-146")
@pytest.mark.parametrize("name", EventName)
def test_what_is_really_done_writes_exactly_one_event_with_all_that_belongs_to_it(name: EventName, request: pytest.FixtureRequest) -> None:
    assert name in STAGES, f"{name} needs a stage in tests/audit/stages"
    stage = STAGES[name]
    [event] = played(stage, name, request)
    assert (event.account_label, event.actor_label) == (CAST.get(stage.on, stage.on), CAST.get(stage.by, stage.by))
    assert (event.account_id is not None, event.actor_id is not None) == (bool(stage.on), bool(stage.by))
    assert event.actor_kind == stage.actor_kind
    assert {fact for fact in WHERE if getattr(event, fact)} == stage.at
    assert (set(event.before), set(event.after) - COLUMNS) == (stage.before, stage.after)
    assert bool(event.reason) is stage.reason
    if event.approver and event.approver == event.actor_label:
        assert event.after.get("requested_by") not in {None, "", event.approver}, "whoever says yes says it to somebody else"
    assert event.browser in {"", BROWSER, ANDROID}
