"""R-011, R-012, R-027: nobody without the password learns anything about an account."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.budgets import PASSWORD as LIMIT
from accounts.hashers import Argon2id
from accounts.leaving import leave
from accounts.locks import lock
from accounts.models import Account, FailureBudget
from audit.models import Event
from tests.factories import PASSWORD, a_phone, a_totp_app, an_account
from tests.signin.door import enter_password


def nobody() -> Account:
    return Account(common_id="9999999999")


def somebody() -> Account:
    return an_account()


def left() -> Account:
    account = an_account()
    leave(account, timezone.now())
    account.save()
    return account


def locked() -> Account:
    account = an_account()
    lock(account, actor=an_account(roles=("senior-helpdesk",)), reason="reported a stolen password")
    return account


def held() -> Account:
    account = an_account()
    for _ in range(LIMIT.cap):
        enter_password(Client(), account, password="wrong")
    return account


def without_password() -> Account:
    account = an_account()
    account.set_unusable_password()
    account.save()
    return account


def with_methods() -> Account:
    account = an_account()
    a_totp_app(account)
    a_phone(account)
    return account


CASES: list[tuple[Callable[[], Account], str]] = [
    (nobody, PASSWORD),
    (somebody, "wrong"),
    (with_methods, "wrong"),
    (left, PASSWORD),
    (left, "wrong"),
    (locked, PASSWORD),
    (locked, "wrong"),
    (held, PASSWORD),
    (held, "wrong"),
    (without_password, "!"),
]


def plain(answer: Any, account: Account) -> tuple[int, str, list[str]]:
    """An answer without what is new in each: tokens, nonces, and the id that was typed."""
    body = re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", answer.content.decode())
    headers = sorted(name for name in answer.headers if name != "Content-Security-Policy")
    return answer.status_code, body.replace(account.common_id, "ID"), headers


@pytest.mark.django_db
def test_every_refusal_of_a_password_reads_the_same() -> None:
    answers = set()
    for make, password in CASES:
        account = make()
        answer = enter_password(Client(), account, password=password)
        status, body, headers = plain(answer, account)
        answers.add((status, body, tuple(headers), tuple(sorted(answer.cookies))))
    assert len(answers) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("make", [nobody, somebody, with_methods, left, locked, held])
def test_the_first_page_tells_nothing_of_an_id(make: Callable[[], Account]) -> None:
    account, other = make(), an_account()
    first, second = (Client().post("/signin/", {"common_id": one.common_id}, follow=True) for one in (account, other))
    assert plain(first, account)[:2] == plain(second, other)[:2]


@pytest.mark.django_db
@pytest.mark.parametrize(("make", "password"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_every_password_costs_one_hash(make: Callable[[], Account], password: str, monkeypatch: Any) -> None:
    """The same work whatever the account is: no answer comes sooner."""
    account = make()
    enter_password(Client(), nobody(), password="wrong")  # the hash of nobody is made once per process
    calls, plain_verify = [], Argon2id.verify

    def counted(self: Argon2id, *args: Any) -> bool:
        calls.append(args)
        return bool(plain_verify(self, *args))

    monkeypatch.setattr(Argon2id, "verify", counted)
    monkeypatch.setattr(Argon2id, "encode", lambda *args: pytest.fail("a hash was made"))
    enter_password(Client(), account, password=password)
    assert len(calls) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["１２３４５６７８９０", " 1234567890 ", "12345 67890", "1234567890\u3000", "123-4567890", "1234567890\u200b"]
)
def test_an_id_counts_for_its_account_however_it_is_typed(client: Client, typed: str) -> None:
    account = an_account("1234567890")
    client.post("/signin/password/", {"common_id": typed, "password": "wrong"})
    found = FailureBudget.objects.filter(scope="password").exclude(key__startswith="unknown:")
    assert [budget.key for budget in found] in ([str(account.pk)], [])
    if "-" not in typed and "\u200b" not in typed:
        assert found.get().failures == 1
        assert client.post("/signin/password/", {"common_id": typed, "password": PASSWORD}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["'; DROP TABLE accounts_account; --", "%", "\x00", "*", "1234567890\x00", "ｘ" * 100, "٠١٢٣٤٥٦٧٨٩"])
def test_nonsense_is_an_unknown_id(client: Client, typed: str) -> None:
    answer = client.post("/signin/password/", {"common_id": typed, "password": "wrong"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_what_was_typed_is_recorded_only_when_it_is_an_id(client: Client) -> None:
    """People type passwords into the wrong field."""
    for typed in ("hunter2 hunter2", "31415926535897932384", "7777777777"):
        client.post("/signin/password/", {"common_id": typed, "password": "x"})
    assert [event.after for event in Event.objects.filter(name="password:refused").order_by("id")] == [{}, {}, {"typed": "7777777777"}]


@pytest.mark.django_db
def test_an_overlong_password_is_refused_before_it_is_hashed(client: Client, monkeypatch: Any) -> None:
    account = an_account()
    monkeypatch.setattr(Argon2id, "verify", lambda *args: pytest.fail("hashed"))
    assert enter_password(client, account, password="x" * 1025).status_code == 200


def test_methods_are_named_only_after_the_password(client: Client, hana: Account) -> None:
    a_totp_app(hana, name="pocket device")
    a_phone(hana, "+819012345678")
    before = client.post("/signin/", {"common_id": hana.common_id}, follow=True).content.decode()
    before += enter_password(client, hana, password="wrong").content.decode()
    assert "pocket" not in before
    assert "78" not in re.sub(r'value="[^"]*"|nonce="[^"]*"', "", before.replace(hana.common_id, ""))
    enter_password(client, hana)
    after = client.get("/signin/verify/options/").content.decode()
    assert "pocket device" in after
    assert "78" in after
    assert "12345678" not in after
