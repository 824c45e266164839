"""People who are ready to apply, and time that passes when a test says so."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from audit.models import Event
from policies import terminations
from policies.applications import TEXT_VERSION, submit
from policies.models import Application, ConnectedSystem, Home
from policies.restoring import may_send
from policies.systems import ensure_system
from tests.factories import a_method, a_phone, a_totp_app, a_verification, an_account, an_affiliation
from tests.policies.connected import a_tenant
from tests.policies.deliveries import release, wait
from tests.policies.downstream import SECRET, Downstream, running
from tests.policies.graph_server import GraphMock, graph_running


@pytest.fixture
def ready(hana: Account) -> Account:
    """Hana with a method that she has signed in with."""
    a_totp_app(hana, last_signin_at=timezone.now())
    return hana


@pytest.fixture
def apply_for() -> Callable[[Account], Application]:
    """`apply_for(hana)`: she submits her application."""
    return lambda account: submit(account, actor=account, text_version=TEXT_VERSION)


@pytest.fixture
def time_passes() -> Callable[[float], None]:
    """`time_passes(41)`: minutes go by, and the sweep passes on what has become due."""

    def passes(minutes: float) -> None:
        wait(minutes)
        release()

    return passes


@pytest.fixture
def downstream(settings: Settings) -> Iterator[Downstream]:
    """A running connected system, on an address that is allowed although it is private."""
    with running() as system:
        settings.MFA_PRIVATE_HOSTS = [f"127.0.0.1:{system.port}"]
        yield system


@pytest.fixture
def mail_system(db: None, downstream: Downstream) -> ConnectedSystem:
    """Campus mail, told by webhook."""
    return ensure_system("mail", connector="webhook", name_en="Campus mail", name_ja="学内メール", address=downstream.url, secret=SECRET)


@pytest.fixture
def moved() -> Iterator[None]:
    """The database is put back on another server."""
    assert may_send()
    Home.objects.update(place="elsewhere/1")
    yield
    assert Event.objects.filter(name="site:restored").count() == 1


@pytest.fixture
def with_phones_alone(db: None) -> None:
    """Two of science and one of arts have a phone and nothing else; somebody has an app beside it, and somebody has left."""
    science, arts = an_affiliation("science"), an_affiliation("arts")
    for number, affiliation in enumerate([science, science, arts]):
        a_phone(an_account(affiliation=affiliation), f"+81901234567{number}")
    both = an_account(affiliation=science)
    a_phone(both, "+819011112222")
    a_totp_app(both)
    a_phone(an_account(affiliation=arts, left_at="2026-01-01T00:00Z"), "+819011113333")


@pytest.fixture
def protected(ready: Account, apply_for: Callable[[Account], Application], time_passes: Callable[[float], None]) -> Account:
    """Hana, whose MFA use is in effect."""
    apply_for(ready)
    time_passes(41)
    return ready


@pytest.fixture
def terminated(
    ready: Account, apply_for: Callable[[Account], Application], time_passes: Callable[[float], None], hiro: Account, sato: Account
) -> Account:
    """Hana, whose MFA use has been terminated for 30 days."""
    apply_for(ready)
    time_passes(41)
    terminations.approve(terminations.request(ready, actor=hiro, reason="broken arm", days=30), actor=sato)
    time_passes(41)
    ready.refresh_from_db()
    return ready


@pytest.fixture
def endless(
    ready: Account, apply_for: Callable[[Account], Application], time_passes: Callable[[float], None], ada: Account, sato: Account
) -> Account:
    """Hana, whose MFA use an administrator had terminated without end."""
    apply_for(ready)
    time_passes(41)
    terminations.approve(terminations.request(ready, actor=ada, reason="no hands", without_end=True), actor=sato)
    time_passes(41)
    ready.refresh_from_db()
    return ready


@pytest.fixture
def admin(ada: Account, browser_of: Callable[..., Client]) -> Client:
    """Ada's browser; she has an app and a key."""
    a_totp_app(ada)
    a_method(ada, "fido", name="key")
    return browser_of(ada, verified=a_verification("fido"))


@pytest.fixture
def second(browser_of: Callable[..., Client]) -> Client:
    """Another administrator's browser."""
    account = an_account("1000000009", roles=("administrator",), name_en="Bo Second")
    a_totp_app(account)
    a_method(account, "fido", name="key")
    return browser_of(account, verified=a_verification("fido"))


@pytest.fixture
def tenant(settings: Settings, ready: Account) -> Iterator[GraphMock]:
    """Knows Hana, and is the only system beside this site."""
    with graph_running() as graph:
        a_tenant(graph, settings)
        graph.add(ready.common_id)
        ConnectedSystem.objects.filter(code="local").update(enabled=False)
        yield graph


@pytest.fixture
def member(ready: Account) -> str:
    """Hana, as the tenant calls her."""
    return f"id-{ready.common_id}"
