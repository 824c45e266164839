"""What staff, counters and connected systems add to a life: passes, codes, links, credentials."""

import base64
import re
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from helpdesk import bulk
from methods.kinds.access_pass.passes import read_pass
from methods.models import MethodState, RegisteredMethod
from policies.claims import due_systems
from policies.models import Delivery
from policies.systems import ensure_system
from policies.tasks import release_system
from signin.models import CounterRequest
from tests.campaigns.people import somebody, started
from tests.factories import a_method, a_totp_app, a_verification, an_account, signed_in
from tests.helpdesk.conftest import REASON
from tests.helpdesk.test_callers import an_address, ask, judge
from tests.helpdesk.test_stops import stop_path
from tests.methods.people import mailed_code
from tests.methods.secret_life import PASSWORD, Life
from tests.methods.test_access_pass import issue
from tests.policies.books import in_force
from tests.signin.door import enter_code, enter_password
from tests.signin.test_recovery_address import BY_ADDRESS, confirmed

CONNECTOR = "canary-of-a-connector-5b9e20"  # a SCIM token has no blanks
NOWHERE = "127.0.0.1:9"
SYSTEMS: dict[str, dict[str, Any]] = {
    "webhook": {"address": f"https://{NOWHERE}/"},
    "scim": {"address": f"https://{NOWHERE}/v2", "options": {"state_attribute": "mfa"}},
    "ldap": {"address": f"ldaps://{NOWHERE}", "options": {"bind_dn": "cn=w", "base_dn": "ou=p", "state_attribute": "mfaUse"}},
    "graph": {
        "options": {
            "tenant": "t", "client": "c", "group_id": "g", "account_suffix": "@example.ac.jp",
            "sign_in_address": f"https://{NOWHERE}", "graph_address": f"https://{NOWHERE}",
        },
    },
}  # fmt: skip


def connect(life: Life, settings: Any) -> None:
    """Systems that refuse connections, so that there are errors to tell of."""
    settings.MFA_PRIVATE_HOSTS = [NOWHERE]
    for name, described in SYSTEMS.items():
        word = f"{CONNECTOR}-{name}"
        secret = "whsec_" + base64.b64encode(word.encode()).decode() if name == "webhook" else word
        ensure_system(f"leaky-{name}", connector=name, name_en=f"Leaky {name}", name_ja="漏", secret=secret, **described)
        life.keep(f"credentials of {name}", word)


def pass_on(life: Life) -> None:
    """Each system is told, and none answers."""
    life.account.refresh_from_db()
    a_method(life.account, "totp", name="spare")
    Delivery.objects.update(due_at="2020-01-01T00:00Z", next_try_at="2020-01-01T00:00Z")
    for code in due_systems():
        release_system(code)
    tried = Delivery.objects.filter(system__code__startswith="leaky-").exclude(last_answer="")
    assert tried.values("system").distinct().count() == len(SYSTEMS)


def recover(life: Life, sato: Account) -> None:
    """The desk hands over a pass."""
    code = issue(life.account, sato)
    life.keep("Temporary Access Pass", code)
    life.keep("Temporary Access Pass as it is read", read_pass(code))
    stranger = Client()
    enter_password(stranger, life.account, password=PASSWORD)
    stranger.post(f"/signin/verify/use/{RegisteredMethod.objects.get(kind='access-pass').pk}/")
    enter_code(stranger, code)


def come_to_the_counter(life: Life) -> None:
    """A code on somebody's screen, a card, and the pass on the same screen."""
    person = an_account(mfa_asked_here=True, methods_needed=True)
    a_totp_app(person, state=MethodState.SUSPENDED, is_default=False)
    screen, clerk = Client(), Client()
    signed_in(clerk, an_account(roles=("counter",)))
    enter_password(screen, person)
    for page in ("refused", "counter"):
        screen.get(f"/signin/{page}/")
        screen.post(f"/signin/{page}/")
    shown = CounterRequest.objects.get()
    for code in (shown.code, shown.said):
        life.keep(f"code of the counter {code}", code, "tables", "page /signin/counter/", "page /helpdesk/counter/")
    clerk.get("/helpdesk/counter/", {"code": shown.said})
    clerk.post("/helpdesk/counter/confirm/", {"code": shown.said, "common_id": person.common_id})
    page = screen.post("/signin/counter/take/").content.decode()
    found = dict(re.findall(r'name="(method|way|code)" value="([^"]*)"', page))
    life.keep("pass of the counter", found["code"], "page /signin/counter/take/")
    assert screen.post("/signin/verify/", found)["Location"] == "/signin/more-information/"


def call_the_desk(life: Life, hiro: Account) -> None:
    """The caller reads a code from a mail; afterwards the owner gets a link that stops what was done."""
    caller, desk = an_account(), Client()
    an_address(caller)
    Account.objects.filter(pk=caller.pk).update(locked_at="2026-01-01T00:00Z")
    signed_in(desk, hiro, verified=a_verification("totp"))
    proof = ask(desk, caller)
    code = mailed_code()
    life.keep("code that a caller reads out", code, f"mail: {mail.outbox[-1].subject}")
    judge(desk, proof, code)
    assert desk.post(reverse("helpdesk:unlock", args=[caller.common_id]), REASON).status_code == 302
    path = stop_path()
    life.keep("link that stops it", path.split("/")[2], f"mail: {mail.outbox[-1].subject}", f"page {path}")
    Client().get(path)
    Client().post(path)


def come_by_the_recovery_address(life: Life) -> None:
    """A first registration that a code in a mail opens."""
    in_force(BY_ADDRESS)
    newcomer, browser = an_account(), Client()
    confirmed(newcomer)
    enter_password(browser, newcomer)
    code = mailed_code()
    life.keep("code to the recovery address", code, f"mail: {mail.outbox[-1].subject}")
    assert enter_code(browser, code)["Location"] == "/signin/more-information/"


def lists(life: Life, sato: Account) -> list[str]:
    """Lists of people with all of theirs in it; the addresses of their pages."""
    somebody("registered")
    other = an_account(roles=("administrator",))
    campaign = started(other, other, accounts=[life.account.common_id])
    job = bulk.prepare("end-sessions", life.account.common_id, actor=sato, reason="phishing wave")
    bulk.ask(job, actor=sato)
    return [f"/policies/campaigns/{campaign.uid}/unfinished.csv", f"/helpdesk/bulk/{job.pk}/", f"/helpdesk/bulk/{job.pk}/result.csv"]
