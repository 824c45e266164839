"""People who apply, withdraw, have their MFA use terminated and get it back, while things break around them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from policies import terminations
from policies.applications import TEXT_VERSION, submit, withdraw
from policies.clock import database_now
from policies.connectors.base import Transient
from policies.models import Application, Termination
from policies.models.applications import TerminationState
from policies.states import ApplicationState
from policies.systems import ensure_system
from tests.factories import a_totp_app, an_account
from tests.faults.administrator import Administrator
from tests.faults.site import Site
from tests.harness.directory import PEOPLE, WRITER, WRITER_WORD
from tests.policies import graph_server as graph
from tests.policies.scim_server import ATTRIBUTE, TOKEN

SECRET = "whsec_" + "c2VjcmV0" * 6
CREDENTIALS = {"states": TOKEN, "tenant": graph.SECRET, "directory": WRITER_WORD}  # of those that look at them


def named(name: str) -> dict[str, str]:
    """What a connected system is called: events tell of it by this name."""
    return {"name_en": name, "name_ja": name}


@dataclass
class People:
    """Everybody there is, and what was accepted from them."""

    site: Site
    chance: random.Random
    numbers: Iterator[int] = field(default_factory=lambda: count(5_000_000_001))
    accepted: list[str] = field(default_factory=list)  # applications, by their uid
    newcomers: list[Account] = field(default_factory=list)  # of this round: they apply
    told: list[str] = field(default_factory=list)  # accounts whose page said that they have applied

    def arrive(self) -> None:
        """The systems, and three members of staff."""
        at = {code: f"http://127.0.0.1:{port}" for code, port in self.site.lines.items()}
        ensure_system("keyed", connector="webhook", address=f"{at['keyed']}/keyed", secret=SECRET, **named("keyed"))
        many = {"per_request": 20}
        ensure_system("batches", connector="webhook", address=f"{at['batches']}/batches", secret=SECRET, options=many, **named("batches"))
        address = f"{at['optional']}/optional"
        ensure_system("optional", connector="webhook", address=address, secret=SECRET, required=False, **named("optional"))
        attribute = {"state_attribute": ATTRIBUTE}
        ensure_system(
            "states", connector="scim", address=f"{at['states']}/v2", secret=CREDENTIALS["states"], options=attribute, **named("states")
        )
        tenant = {"tenant": graph.TENANT, "client": graph.CLIENT, "group_id": graph.GROUP, "account_suffix": "@example.ac.jp"}
        tenant |= {"sign_in_address": at["tenant"], "graph_address": at["tenant"]}
        ensure_system("tenant", connector="graph", secret=CREDENTIALS["tenant"], options=tenant, **named("tenant"))
        entries = {"bind_dn": WRITER, "base_dn": PEOPLE, "state_attribute": "mfaUse"}
        entries |= {"certificates": self.site.directory.authority.certificate.strip()}
        address = f"ldap://127.0.0.1:{self.site.lines['directory']}"
        ensure_system(
            "directory", connector="ldap", address=address, secret=CREDENTIALS["directory"], options=entries, **named("directory")
        )
        self.desk, self.senior = an_account(roles=("helpdesk",)), an_account(roles=("senior-helpdesk",))
        self.administrator = Administrator(an_account(roles=("administrator",)))

    def ready(self, how_many: int) -> list[Account]:
        """New people who may apply."""
        accounts = [an_account(str(next(self.numbers))) for _ in range(how_many)]
        for account in accounts:
            a_totp_app(account, last_signin_at=timezone.now())
        self.site.introduce([account.common_id for account in accounts])
        return accounts

    def prepare(self) -> list[Callable[[], None]]:
        """What is going to happen in one round, in a random order: every kind of change."""
        self.newcomers = newcomers = self.ready(7)
        known = self._in_effect()
        acts = [self._act(self._apply, account) for account in newcomers]
        acts += [self._act(self._withdraw, account) for account in newcomers[:2]]
        acts += [self._act(self._terminate, account) for account in known[:2]]
        acts += [self._act(self._return, account) for account in self._terminated()[:1]]
        late = [self._act(self._withdraw, account) for account in newcomers[2:4]]
        self.chance.shuffle(acts)
        return [*acts, *late]

    def _act(self, verb: Callable[[Account], object], account: Account) -> Callable[[], None]:
        return lambda: self.insist(lambda: verb(account))

    def have_applied(self, account: Account) -> None:
        """Whatever happens."""
        self.insist(lambda: self._apply(account))

    def change_their_minds(self) -> None:
        """All newcomers do."""
        for account in self.newcomers:
            self.change_mind(account)

    def change_mind(self, account: Account) -> None:
        """MFA use is terminated, as far as there is something to terminate."""
        self.insist(partial(self._terminate, account))

    def are_terminated(self) -> bool:
        """Whether no newcomer uses MFA, or is on the way to it or back."""
        return self._are(ApplicationState.TERMINATED)

    def are_back(self) -> bool:
        """Whether the newest application of each newcomer is in effect."""
        return self._are(ApplicationState.IN_EFFECT)

    def _are(self, state: ApplicationState) -> bool:
        rows = Application.objects.filter(account__in=self.newcomers).order_by("revision")
        newest = dict(rows.values_list("account_id", "state"))
        return set(newest.values()) == {state}

    def come_back(self) -> None:
        """The terminations of the newcomers end, once they are in effect."""
        for account in self.newcomers:
            self.insist(partial(self._return, account))

    def insist(self, act: Callable[[], object]) -> None:
        """Once more when the database was away, or a system did not answer: as whoever got an error page would."""
        for _try in range(60):
            try:
                act()
            except Refused:
                return
            except (DatabaseError, InterfaceError, OperationalError, Transient):
                connection.close()
                self.site.wait(0.5)
            else:
                return
        raise AssertionError("the database did not come back")

    def _apply(self, account: Account) -> None:
        self.accepted.append(str(submit(account, actor=account, text_version=TEXT_VERSION).uid))

    def _withdraw(self, account: Account) -> None:
        withdraw(account, actor=account)

    def _terminate(self, account: Account) -> None:
        terminations.approve(terminations.request(account, actor=self.desk, reason="fault", days=30), actor=self.senior)

    def _return(self, account: Account) -> None:
        Termination.objects.filter(application__account=account, state=TerminationState.APPROVED).update(ends_at=database_now())

    def _in_effect(self) -> list[Account]:
        """Whose MFA use may be terminated."""
        rows = Application.objects.filter(state=ApplicationState.IN_EFFECT).select_related("account").order_by("pk")
        return self._some([row.account for row in rows])

    def _terminated(self) -> list[Account]:
        rows = Termination.objects.filter(state=TerminationState.APPROVED, application__state=ApplicationState.TERMINATED)
        return self._some([row.application.account for row in rows.select_related("application__account").order_by("pk")])

    def _some(self, accounts: list[Account]) -> list[Account]:
        """In an order that the seed of the round repeats."""
        return self.chance.sample(accounts, min(4, len(accounts)))

    def live(self, acts: list[Callable[[], None]], seconds: float) -> None:
        """All of it, spread over this time."""
        for act in acts:
            act()
            self.site.wait(self.chance.uniform(0, 2 * seconds / len(acts)))
