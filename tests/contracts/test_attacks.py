"""What somebody may try against a registered method of any kind: each is refused by what all kinds share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Account
from methods import lifecycle
from methods.answers import Judged, Outcome, Question, answer
from methods.challenges import ask
from methods.challenges import method as asking
from methods.contract import MethodKind
from methods.devices import MethodDevice
from methods.hearing import Said, hear
from methods.models import Challenge, Purpose, RegisteredMethod
from tests.contracts.knowing import BINDING, Knows, having, of_asked_at_sign_in, yes
from tests.factories import an_account, signed_in

HOSTILE = "=cmd|'/c calc'!A1<b>\"\u202egnp.\u2066x"
KEPT = "=cmd|'/c calc'!A1<b>\"gnp.x"


@pytest.fixture
def device(registered: RegisteredMethod, known: MethodKind) -> MethodDevice:
    found: MethodDevice = known.device_model.objects.get(method=registered)
    return found


def question(method: RegisteredMethod, *, binding: str = BINDING, purpose: Purpose = Purpose.STEP_UP) -> Question:
    return Question(purpose, binding, asking(method))


def asked(account: Account, one: Question) -> Challenge:
    return ask(account, one.asked, purpose=one.purpose, binding=one.binding)


def mine_of(account: Account, known: MethodKind, knows: Knows) -> RegisteredMethod:
    """A method of this kind, for a test in which threads see each other's commits."""
    with transaction.atomic():
        made = lifecycle.begin(account, knows.device(account, known.code), binding=BINDING)
        return lifecycle.register(account, made, name="mine", hint="")


def method_behind(one: Question) -> RegisteredMethod:
    assert one.asked.method
    return one.asked.method


def device_behind(one: Question) -> MethodDevice:
    device: MethodDevice = one.asked.kind.device_model.objects.get(method=method_behind(one))
    return device


@of_asked_at_sign_in
def test_what_was_right_once_is_right_nowhere_else(
    hana: Account, known: MethodKind, registered: RegisteredMethod, device: MethodDevice, knows: Knows
) -> None:
    """R-008, R-042, R-072: neither in another browser nor for another purpose, and what was overheard is worth nothing."""
    first = question(registered)
    right = yes(knows, device, asked(hana, first))
    assert answer(hana.pk, right, first).outcome == Outcome.PASSED
    for other in (question(registered, binding="session:thief"), question(registered, binding="attempt:1", purpose=Purpose.SIGN_IN)):
        assert answer(hana.pk, right, other).outcome == Outcome.OVER, "it was not asked"
        asked(hana, other)
        assert answer(hana.pk, right, other).proof is None


@of_asked_at_sign_in
def test_the_answer_to_one_account_says_nothing_of_another(
    hana: Account, ken: Account, known: MethodKind, registered: RegisteredMethod, device: MethodDevice, knows: Knows
) -> None:
    """R-008, R-134."""
    mine = question(registered)
    challenge = asked(hana, mine)
    right = yes(knows, device, challenge)
    assert answer(ken.pk, right, mine).outcome == Outcome.OVER
    challenge.refresh_from_db()
    assert challenge.state == "open"
    Challenge.objects.filter(pk=challenge.pk).update(account=ken)
    assert answer(ken.pk, right, mine).proof is None, "even where the rows were mixed up"


MEANWHILE: dict[str, Callable[[Account, RegisteredMethod], Any]] = {
    "removed": lambda account, method: lifecycle.remove(account, method.pk, actor=account),
    "suspended": lambda account, method: RegisteredMethod.objects.filter(pk=method.pk).update(state="suspended", is_default=False),
    "locked": lambda account, method: Account.objects.filter(pk=account.pk).update(locked_at=timezone.now()),
    "held": lambda account, method: Account.objects.filter(pk=account.pk).update(held_until=timezone.now() + timedelta(minutes=5)),
}


@of_asked_at_sign_in
@pytest.mark.parametrize("happens", MEANWHILE)
def test_what_changes_while_it_is_asked_counts_when_it_is_answered(
    hana: Account, known: MethodKind, registered: RegisteredMethod, device: MethodDevice, knows: Knows, happens: str
) -> None:
    """R-006, R-026: after the device said yes or the code was read, and before."""
    before, after = question(registered, binding="session:before"), question(registered)
    late = asked(hana, before)
    right = yes(knows, device, asked(hana, after))
    MEANWHILE[happens](hana, registered)
    assert answer(hana.pk, right, after).outcome in {Outcome.OVER, Outcome.HELD}
    if after.asked.way.waits:
        assert hear(late.pk, lambda *_: Said.YES) is None
    assert answer(hana.pk, right, before).proof is None
    hana.refresh_from_db()
    assert hana.failures == 0, "nobody is punished for it"


@of_asked_at_sign_in
def test_one_right_answer_sent_many_times_at_once_passes_once(parallel: Callable[..., list[Any]], known: MethodKind, knows: Knows) -> None:
    """I3."""
    account = an_account()
    mine = question(mine_of(account, known, knows))
    right = yes(knows, device_behind(mine), asked(account, mine))
    judged: list[Judged] = [outcome.value for outcome in parallel(8, lambda _: answer(account.pk, right, mine))]
    assert sorted(one.outcome for one in judged) == [Outcome.OVER] * 7 + [Outcome.PASSED]


@of_asked_at_sign_in
def test_what_is_removed_while_many_answer_passes_once_at_most_and_never_afterwards(
    parallel: Callable[..., list[Any]], known: MethodKind, knows: Knows
) -> None:
    """R-006, R-139."""
    account = an_account()
    mine = question(mine_of(account, known, knows))
    right = yes(knows, device_behind(mine), asked(account, mine))

    def one_of_them(number: int) -> object:
        if number == 3:
            return lifecycle.remove(account, method_behind(mine).pk, actor=account)
        return answer(account.pk, right, mine).outcome

    outcomes = parallel(8, one_of_them)
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert [outcome.value for outcome in outcomes].count(Outcome.PASSED) <= 1
    assert answer(account.pk, right, mine).outcome == Outcome.OVER


@having(lambda known: known.for_sign_in and any(way.waits for way in known.ways))
def test_a_yes_and_a_report_at_once_are_one_word_of_the_device(parallel: Callable[..., list[Any]], known: MethodKind, knows: Knows) -> None:
    """R-058: whichever is heard first."""
    account, way = an_account(), next(way for way in known.ways if way.waits)
    method = mine_of(account, known, knows)
    challenge = ask(account, asking(method, way.code), purpose=Purpose.STEP_UP, binding=BINDING)
    heard = parallel(8, lambda number: hear(challenge.pk, lambda *_: Said.REPORT if number % 2 else Said.YES))
    assert [outcome.error for outcome in heard if outcome.error] == []
    said = [outcome.value for outcome in heard if outcome.value]
    assert len(said) == 1
    challenge.refresh_from_db()
    assert (challenge.state, challenge.approved_at is not None) == (("open", True) if said == [Said.YES] else ("failed", False))


@of_asked_at_sign_in
def test_a_hostile_name_is_text_on_every_page_that_asks(hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows) -> None:
    """R-138."""
    with transaction.atomic():
        method = lifecycle.register(hana, unfinished, name=HOSTILE, hint="")
    browser = Client()
    signed_in(browser, hana)
    pages = [browser.get(path).content.decode() for path in ("/security-info/", "/security-info/default/", "/signin/step-up/options/")]
    for way in known.ways_of(method):
        browser.post(f"/signin/step-up/use/{method.pk}/", {"way": way.code, "next": "/security-info/"})
        pages.append(browser.get(f"/signin/step-up/?method={method.pk}").content.decode())
    assert any(escape(KEPT) in page for page in pages)
    assert not any("<b>" in page.partition("<main")[2] or "\u202e" in page or "\u2066" in page for page in pages)
