"""What every installed kind of method must keep, so that a new one inherits its proof."""

from datetime import timedelta

import pytest
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import devices_for_user, match_token, verify_token
from django_otp.models import Device
from two_factor.plugins.registry import MethodBase
from two_factor.plugins.registry import registry as two_factor

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods import lifecycle
from methods.answers import Outcome, Question, answer
from methods.challenges import ask, device_of, newcomer
from methods.challenges import method as asking
from methods.contract import IssuedKind, MethodKind
from methods.devices import MethodDevice
from methods.gateways.base import NeverSent
from methods.hearing import Said, hear
from methods.models import Challenge, Message, MessageState, Purpose, RegisteredMethod
from methods.registry import UnknownKind, kind, kinds, register, sign_in_kinds
from methods.usable import usable
from tests.architecture.url_map import pages
from tests.contracts.knowing import BINDING, Knows, having, of_asked, yes
from tests.factories import signed_in
from tests.methods.people import send_all


def has_codes(known: MethodKind) -> bool:
    """Whether other django-otp applications, which know codes alone, can use it."""
    return known.for_sign_in and any(not (way.waits or way.one_try) for way in known.ways)


of_self_service = having(lambda known: not isinstance(known, IssuedKind))
of_waiting = having(lambda known: bool(known.ways) and known.ways[0].waits)
of_sign_in = having(has_codes)
of_others = having(lambda known: not has_codes(known))


def asked(account: Account, device: MethodDevice) -> tuple[Question, Challenge]:
    """The first question to a device that is to become a method."""
    question = Question(Purpose.REGISTER, BINDING, newcomer(device))
    return question, ask(account, question.asked, purpose=question.purpose, binding=BINDING)


def no(knows: Knows, device: MethodDevice, challenge: Challenge, question: Question) -> None:
    """One wrong answer."""
    if question.asked.way.waits:
        assert hear(challenge.pk, lambda *_: Said.WRONG) is Said.WRONG
        return
    wrong = knows.wrong_answer(device, challenge)
    assert answer(challenge.account_id, wrong, question).outcome == Outcome.WRONG


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def device_of_method(method: RegisteredMethod) -> MethodDevice:
    found: MethodDevice = kind(method.kind).device_model.objects.get(method=method)
    return found


def test_a_kind_says_everything_a_page_needs(known: MethodKind) -> None:
    assert isinstance(known, MethodBase)
    assert str(known.verbose_name)
    get_template(f"components/icons/{known.icon}.html")
    assert issubclass(known.device_model, MethodDevice)
    assert 1 <= known.limit <= 10
    assert len({way.code for way in known.ways}) == len(known.ways)
    assert known.ways or not known.for_sign_in


def test_a_way_says_everything_its_page_needs(known: MethodKind) -> None:
    for way in known.ways:
        get_template(way.template)
        assert way.waits or "code" in way.form().fields
        assert 0 < way.lifetime_seconds <= (600 if known.for_sign_in else 3600)
        if way.icon:
            get_template(f"components/icons/{way.icon}.html")


@of_self_service
def test_a_kind_has_pages_and_they_are_closed_to_strangers(client: Client, known: MethodKind, hana: Account) -> None:
    mine = [page for page in pages() if page.address.startswith(reverse(known.setup_url))]
    assert reverse(known.setup_url) in [page.address for page in mine]
    for page in mine:
        for answer_ in (client.get(page.address), client.post(page.address)):
            assert answer_.status_code == 302
            assert answer_["Location"].startswith("/signin/?") or answer_["Location"] == "/signin/"


@of_self_service
def test_its_first_page_opens_to_somebody_with_fresh_proof(client: Client, known: MethodKind, hana: Account) -> None:
    signed_in(client, hana)
    page = client.get(reverse(known.setup_url))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_an_unfinished_device_is_no_method(hana: Account, known: MethodKind, unfinished: MethodDevice) -> None:
    """R-142."""
    assert list(known.get_devices(hana)) == []
    assert list(devices_for_user(hana)) == []
    assert usable(hana) == []
    assert not unfinished.verify_is_allowed()[0]
    assert not unfinished.verify_token("123456")


@of_asked
def test_the_right_answer_is_right_once(hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows) -> None:
    question, challenge = asked(hana, unfinished)
    right = yes(knows, unfinished, challenge)
    first = answer(hana.pk, right, question)
    second = answer(hana.pk, right, question)
    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.OVER)
    assert first.proof is not None
    assert second.proof is None


@of_asked
def test_a_wrong_answer_counts_and_ends_only_what_allows_one_try(
    hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows
) -> None:
    question, challenge = asked(hana, unfinished)
    no(knows, unfinished, challenge, question)
    hana.refresh_from_db()
    assert hana.failures == 1
    assert Event.objects.filter(name="challenge:failed").count() == 1
    over = question.asked.way.one_try or question.asked.way.waits
    if over:
        assert answer(hana.pk, "000000", question).outcome == Outcome.OVER
        question, challenge = asked(hana, unfinished)
    assert answer(hana.pk, yes(knows, unfinished, challenge), question).outcome == Outcome.PASSED


@of_asked
def test_an_answer_elsewhere_or_for_another_purpose_is_none(
    hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows
) -> None:
    """R-008."""
    question, challenge = asked(hana, unfinished)
    right = yes(knows, unfinished, challenge)
    for purpose, binding in ((Purpose.SIGN_IN, BINDING), (Purpose.STEP_UP, BINDING), (Purpose.REGISTER, "session:other")):
        assert answer(hana.pk, right, Question(purpose, binding, question.asked)).outcome == Outcome.OVER
    hana.refresh_from_db()
    assert hana.failures == 0


@of_waiting
def test_a_browser_that_is_ahead_of_its_device_neither_passes_nor_fails(
    hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows
) -> None:
    """R-007."""
    question, challenge = asked(hana, unfinished)
    assert answer(hana.pk, "000000", question).outcome == Outcome.WAITING
    hana.refresh_from_db()
    assert hana.failures == 0
    assert answer(hana.pk, yes(knows, unfinished, challenge), question).outcome == Outcome.PASSED


@of_waiting
@pytest.mark.parametrize("said", list(Said))
def test_a_device_is_heard_once(hana: Account, known: MethodKind, unfinished: MethodDevice, said: Said) -> None:
    """R-058."""
    question, challenge = asked(hana, unfinished)
    assert hear(challenge.pk, lambda *_: said) is said
    assert {hear(challenge.pk, lambda *_, again=again: again) for again in Said} == {None}
    outcome = answer(hana.pk, "", question).outcome
    assert outcome == (Outcome.PASSED if said is Said.YES else Outcome.OVER)


@of_waiting
def test_a_yes_counts_for_nothing_once_the_account_may_not_sign_in(
    hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows
) -> None:
    """R-006: before the device answered, and after."""
    question, challenge = asked(hana, unfinished)
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    assert hear(challenge.pk, lambda *_: Said.YES) is None
    Account.objects.filter(pk=hana.pk).update(locked_at=None)
    right = yes(knows, unfinished, challenge)
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    assert answer(hana.pk, right, question).outcome == Outcome.OVER


@of_asked
def test_something_is_sent_only_by_kinds_that_send_and_only_once(hana: Account, known: MethodKind, unfinished: MethodDevice) -> None:
    for _ in range(3):
        ask(hana, newcomer(unfinished), purpose=Purpose.REGISTER, binding=BINDING)
    way = known.way(unfinished.first_way)
    assert Message.objects.count() <= 1
    assert Message.objects.exists() or not way.sends
    assert Event.objects.filter(name="challenge:issued").count() == int(way.sends or way.waits)
    assert Challenge.objects.count() == 1


@of_asked
def test_a_kind_that_sends_nothing_cannot_be_told_to(known: MethodKind, hana: Account, unfinished: MethodDevice, knows: Knows) -> None:
    _, challenge = asked(hana, unfinished)
    if Message.objects.exists():
        assert isinstance(known.deliver(challenge, "123456"), str)
    else:
        with pytest.raises((NotImplementedError, NeverSent)):
            known.deliver(challenge, "123456")


@of_asked
def test_a_device_that_is_gone_is_sent_nothing(hana: Account, known: MethodKind, unfinished: MethodDevice, knows: Knows) -> None:
    ask(hana, newcomer(unfinished), purpose=Purpose.REGISTER, binding=BINDING)
    unfinished.delete()
    send_all()
    assert knows.handset.texts == []
    assert mail.outbox == []
    assert not Message.objects.exclude(state=MessageState.FAILED).exists()


def test_a_registered_method_is_described_and_can_be_removed(hana: Account, known: MethodKind, registered: RegisteredMethod) -> None:
    assert all(str(known.describe(registered, way)) for way in known.ways_of(registered))
    assert str(known.get_action(device_of_method(registered)))
    lifecycle.remove(hana, registered.pk, actor=hana)
    assert not known.device_model.objects.exists()


def test_only_kinds_for_sign_in_are_default_and_counted(hana: Account, known: MethodKind, registered: RegisteredMethod) -> None:
    """C-05."""
    assert registered.is_default == (known.for_sign_in and known.stands_alone())
    assert [method.pk for method in usable(hana)] == ([registered.pk] if known.for_sign_in else [])
    assert (known.code in sign_in_kinds()) == known.for_sign_in


def test_django_otp_finds_it_when_it_is_confirmed(hana: Account, known: MethodKind, registered: RegisteredMethod) -> None:
    device = device_of_method(registered)
    assert list(devices_for_user(hana)) == [device]
    assert list(known.get_devices(hana)) == [device]
    assert Device.from_persistent_id(device.persistent_id) == device
    assert two_factor.method_from_device(device) is known
    assert device.kind() is known
    coded = [way for way in known.ways if not way.waits and not way.one_try]
    assert device.is_interactive() == any(way.sends for way in coded)


def elsewhere(device: MethodDevice, knows: Knows) -> str:
    """The right token for another django-otp application."""
    if device.is_interactive():
        assert device.generate_challenge()
    return knows.right_answer(device, Challenge.objects.order_by("issued_at").last() or Challenge())


@of_others
def test_another_application_is_refused_what_is_not_for_sign_in(hana: Account, known: MethodKind, registered: RegisteredMethod) -> None:
    device = device_of_method(registered)
    assert not device.verify_is_allowed()[0]
    assert device.generate_challenge() is None
    assert not device.verify_token("123456")
    assert not Message.objects.filter(challenge__isnull=False).exists()


@of_sign_in
def test_another_application_verifies_a_token_once(hana: Account, known: MethodKind, registered: RegisteredMethod, knows: Knows) -> None:
    device = device_of_method(registered)
    token = elsewhere(device, knows)
    assert verify_token(hana, device.persistent_id, other_than(token)) is None
    assert verify_token(hana, device.persistent_id, token) == device
    assert verify_token(hana, device.persistent_id, token) is None
    assert Challenge.objects.latest("issued_at").purpose == Purpose.STEP_UP


@of_sign_in
def test_another_application_draws_on_the_same_budget(
    hana: Account, ken: Account, known: MethodKind, registered: RegisteredMethod, knows: Knows
) -> None:
    device = device_of_method(registered)
    token = elsewhere(device, knows)
    for number in range(1, 4):
        assert match_token(hana, other_than(token)) is None
        hana.refresh_from_db()
        assert hana.failures == number
    assert verify_token(ken, device.persistent_id, token) is None, "somebody else's device"
    assert match_token(hana, token) == device
    hana.refresh_from_db()
    assert hana.failures == 0


@of_sign_in
def test_another_application_is_refused_during_a_hold(hana: Account, known: MethodKind, registered: RegisteredMethod, knows: Knows) -> None:
    device = device_of_method(registered)
    token = elsewhere(device, knows)
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now() + timedelta(minutes=5))
    assert not device_of_method(registered).verify_is_allowed()[0]
    assert verify_token(hana, device.persistent_id, token) is None
    Account.objects.filter(pk=hana.pk).update(held_until=None)
    assert verify_token(hana, device.persistent_id, token) == device, "the token was not spent"


@of_sign_in
@pytest.mark.parametrize("state", ["suspended", "removed"])
def test_another_application_is_refused_a_method_that_is_no_longer_used(
    hana: Account, known: MethodKind, registered: RegisteredMethod, knows: Knows, state: str
) -> None:
    device = device_of_method(registered)
    token = elsewhere(device, knows)
    RegisteredMethod.objects.filter(pk=registered.pk).update(state=state, is_default=False)
    assert not Device.from_persistent_id(device.persistent_id).verify_token(token)


def test_the_device_of_a_challenge_is_the_one_that_was_asked(hana: Account, registered: RegisteredMethod) -> None:
    challenge = Challenge(account=hana, method=registered, kind=registered.kind)
    assert device_of(challenge) == device_of_method(registered)
    stranger = Challenge(account=hana, kind=registered.kind, device_id=device_of_method(registered).pk)
    assert device_of(stranger) is None, "a confirmed device is nobody's newcomer"


@of_asked
def test_while_held_nothing_is_asked(hana: Account, known: MethodKind, registered: RegisteredMethod) -> None:
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now() + timedelta(minutes=5))
    with pytest.raises(Refused, match="verification-held"):
        ask(hana, asking(registered), purpose=Purpose.STEP_UP, binding=BINDING)
    assert not Message.objects.filter(challenge__isnull=False).exists()


def test_no_two_kinds_share_a_code_and_strangers_are_turned_away() -> None:
    with pytest.raises(ValueError, match="totp"):
        register(kind("totp"))
    with pytest.raises(TypeError, match="MethodKind"):
        register(MethodBase())  # type: ignore[arg-type]
    assert all(isinstance(method, MethodKind) for method in two_factor.get_methods())


def test_a_kind_that_is_not_installed_is_unknown() -> None:
    for code in ("generator", "sms", "", "fax"):
        with pytest.raises(UnknownKind):
            kind(code)


def test_phones_come_last() -> None:
    """C-04."""
    codes = [known.code for known in kinds() if known.for_sign_in]
    assert codes[-3:] == ["phone", "alternate-phone", "office-phone"]
