"""The harness keeps its promises: no network, no silent skip, no unknown row, threads that start together."""

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from tests.factories import KEY, app_code, signed_in
from tests.harness import covers, no_skips, parts
from tests.harness.loopback import LeavesTheMachine
from tests.harness.parallel import Outcome
from tools.requirements import known_rows, report


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_a_test_cannot_leave_this_machine(host: str) -> None:
    with pytest.raises(LeavesTheMachine):
        socket.create_connection((host, 80), timeout=1)


def test_a_test_can_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(("localhost", listener.getsockname()[1])) as client:
        assert client.getpeername() == listener.getsockname()


def test_a_skipped_test_is_a_failed_test(request: pytest.FixtureRequest) -> None:
    report = pytest.TestReport("a test", ("", 0, ""), {}, "skipped", ("file", 1, "no server"), "call")
    hook = no_skips.pytest_runtest_makereport(request.node)
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    assert (ended.value.value.outcome, "no server" in str(report.longrepr)) == ("failed", True)


def test_a_row_that_does_not_exist_stops_the_collection(request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.covers("S-01", "C-09"))
    covers.pytest_collection_modifyitems([request.node])
    request.node.add_marker(pytest.mark.covers("S-999"))
    with pytest.raises(pytest.UsageError, match="S-999"):
        covers.pytest_collection_modifyitems([request.node])


@pytest.mark.parametrize(("cases", "kept"), [(1, [0]), (6, [*range(6)]), (26, [0, 5, 10, 15, 20, 25]), (100, [0, 20, 40, 59, 79, 99])])
def test_of_many_cases_sqlite_sees_the_first_the_last_and_some_between(cases: int, kept: list[int]) -> None:
    items = [SimpleNamespace(nodeid=f"tests/a.py::test_b[{number}]") for number in range(cases)]
    further = [*parts.further_cases(items)]  # type: ignore[arg-type]
    assert [number for number, item in enumerate(items) if item not in further] == kept


def test_the_list_of_requirements_names_proofs_and_gaps() -> None:
    told = report({"S-01": "one", "S-02": "two"}, {"S-01": ["tests/a.py::test_b"]})
    assert "S-01  one\n        tests/a.py::test_b\nS-02  two" in told
    assert "1 of 2 rows are proved by a test.\nNo test proves: S-02" in told


def test_every_row_says_in_a_sentence_what_the_product_must_do() -> None:
    rows = known_rows()
    assert [row for row, sentence in rows.items() if len(sentence.split()) < 4 or not sentence.endswith((".", "?"))] == []
    assert list(rows) == [f"S-{number:02}" for number in range(1, 148)] + [f"C-{number:02}" for number in range(1, 10)]


def test_threads_start_together_and_their_failures_are_told(parallel: Callable[..., list[Outcome]], hana: Account) -> None:
    together = threading.Barrier(4)

    def visit(number: int) -> Any:
        together.wait(30)
        if number == 3:
            raise ValueError(number)
        return number, Account.objects.get(pk=hana.pk).common_id

    outcomes = parallel(4, visit)
    assert [outcome.value for outcome in outcomes] == [(number, hana.common_id) for number in range(3)] + [None]
    assert str(outcomes[3].error) == "3"


@pytest.mark.parametrize(("moment", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_codes_of_the_harness_are_those_of_the_standard(moment: int, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6238, appendix B."""
    monkeypatch.setattr("tests.factories.time.time", lambda: moment)
    assert app_code(b"12345678901234567890") == code
    assert app_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == code
    assert len(KEY) == 20


def test_somebody_signed_in_has_a_real_session(client: Client, hana: Account) -> None:
    badge = signed_in(client, hana)
    assert client.get("/security-info/").status_code == 200
    badge.refresh_from_db()
    assert (badge.account, badge.verified_kind, badge.ended_at) == (hana, "totp", None)
