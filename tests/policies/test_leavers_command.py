"""`manage.py leavers`: shows first, lets many go when told to, and no more than that."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from methods.models import MethodState
from policies import leavers
from tests.policies.test_leavers import go, states, suspended_long_ago, too_many

pytestmark = pytest.mark.django_db


def test_the_command_shows_first_and_lets_many_go_when_told_to() -> None:
    gone, out = too_many()[0], StringIO()
    with pytest.raises(CommandError, match="More leave than may at once: 30 of 10 active accounts"):
        call_command("leavers", stdout=out)
    assert "Methods to suspend: 30" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("leavers", apply=True, stdout=out)
    call_command("leavers", allow_share=100.0, stdout=out)
    assert states(gone) == {MethodState.ACTIVE}
    assert out.getvalue().endswith("Dry run, nothing was changed.\n")
    call_command("leavers", apply=True, allow_share=100.0, stdout=out, stderr=StringIO())
    assert states(gone) == {MethodState.SUSPENDED}
    assert out.getvalue().endswith("Done: 30.\n")


def test_what_comes_while_the_command_runs_is_bound_by_the_same_share(monkeypatch: pytest.MonkeyPatch) -> None:
    too_many()
    out = StringIO()
    monkeypatch.setattr(leavers, "SWEEP", 10)

    class Meanwhile(StringIO):
        def write(self, text: str) -> int:
            for account in Account.objects.filter(left_at=None)[:9]:
                go(account)
            return super().write(text)

    with pytest.raises(CommandError, match="More leave than may at once: 29 of 1 active accounts"):
        call_command("leavers", apply=True, allow_share=80.0, stdout=out, stderr=Meanwhile())
    assert Account.objects.filter(leaver_state=leavers.SUSPENDED).count() == 10
    assert "Done:" not in out.getvalue()


def test_the_command_shows_whose_methods_are_removed_and_lets_many_be_when_told_to() -> None:
    gone, out = suspended_long_ago(30), StringIO()
    with pytest.raises(CommandError, match="The methods of more are to be removed than may be at once: 30"):
        call_command("leavers", apply=True, stdout=out)
    assert "Methods to remove: 30" in out.getvalue()
    call_command("leavers", allow_share=100.0, stdout=out)
    assert states(gone[0]) == {MethodState.SUSPENDED}
    call_command("leavers", apply=True, allow_share=100.0, stdout=out, stderr=StringIO())
    assert states(gone[0]) == {MethodState.REMOVED}
