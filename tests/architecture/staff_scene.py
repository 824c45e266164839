"""Somebody called Hana Sato on every page of staff, and the addresses where she is found."""

from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import SavedView
from audit.record import record
from audit.seals import sealing
from campaigns.models import Campaign
from helpdesk import bulk, cases
from helpdesk.actions import act
from helpdesk.models import Approval, CaseKind
from methods.models import MethodState
from policies import drafting, outages
from policies.models import Delivery, Found, Replay, Termination, TerminationWish
from policies.rulebook.storing import to_json
from review.models import Export, Finding
from signin.models import CounterRequest
from tests.architecture.url_map import Page
from tests.campaigns.people import a_draft, somebody, started
from tests.factories import a_method, a_totp_app, an_account, signed_in
from tests.helpdesk.conftest import a_caller, a_report, a_request
from tests.helpdesk.test_callers import ask
from tests.policies.books import a_book, in_force, methods_of
from tests.policies.test_outages import PHONES
from tests.signin.door import enter_password

ID, NAME = "1000000001", "Hana Sato"


class Scene:
    """Who reads is an administrator, an auditor, at the desk and at the counter; `helper` asked for whatever waits."""

    def __init__(self, hana: Account, helper: Account) -> None:
        self.reader = an_account("1000000009", roles=("administrator", "auditor", "senior-helpdesk", "counter"))
        a_totp_app(self.reader)
        a_method(self.reader, "fido", name="key")
        self.helper = helper
        self.counter = self.at_the_counter()
        self.caller = a_caller(hana)
        self.hana = self.caller.account
        self.desk()
        self.audit()
        self.policies()
        self.campaigns()

    def at_the_counter(self) -> CounterRequest:
        person = an_account("1000000078", name_en=NAME, mfa_asked_here=True, methods_needed=True)
        a_totp_app(person, state=MethodState.SUSPENDED, is_default=False)
        browser = Client()
        enter_password(browser, person)
        browser.get("/signin/refused/")
        browser.post("/signin/counter/")
        return CounterRequest.objects.get()

    def desk(self) -> None:
        self.report = a_report(self.hana)
        act("require-reregistration", self.hana, actor=self.helper, reason="lost")
        an_account("1000000077", name_en=NAME, left_at=timezone.now())
        self.job = bulk.prepare("end-sessions", self.hana.common_id, actor=self.reader, reason="phishing wave")
        self.closed = cases.open_case(self.hana, actor=self.helper, kind=CaseKind.LOST)
        cases.close(self.closed, actor=self.helper, text="found")
        self.open = cases.open_case(self.hana, actor=self.helper, kind=CaseKind.LOST)
        helper = Client()
        signed_in(helper, self.helper)
        self.proof = ask(helper, self.hana, "card")
        self.termination = a_request(self.hana, self.helper)
        other = a_caller(an_account("1000000079", name_en=NAME)).account
        Termination.objects.filter(pk=a_request(other, self.helper).pk).update(
            state="approved", decided_at=timezone.now(), decided_by=self.reader
        )
        Delivery.objects.filter(account=self.hana).update(state="failed", last_answer="HTTP 404", attempt=2)
        self.grant = an_account("1000000080", name_en=NAME, roles=("helpdesk",)).role_grants.get()

    def audit(self) -> None:
        self.event = record(EventName.METHOD_RENAMED, account=self.hana, actor=self.hana, after={"name": "+81 90-1234-5678"})
        self.without_number = record(EventName.METHOD_RENAMED, account=self.hana, actor=self.hana, after={"name": "Old phone"})
        sealing.seal()
        self.finding = Finding.objects.create(detector="swapped-methods", subject="x", account=self.hana, people=[self.hana.pk])
        self.export = Export.objects.create(by=self.hana, name="events.csv", wanted={}, digest="0" * 64, key="0", signature="0")
        self.view = SavedView.objects.create(owner_id=self.reader.pk, owner_label=self.reader.common_id, name="Mine", query="kind=totp")

    def policies(self) -> None:
        in_force({"id": "r1", "asks": "verify"}, methods=(methods_of("totp", "phone", "fido"),), contingencies=(PHONES,))
        a_totp_app(an_account("1000000081", name_en=NAME))
        self.draft = drafting.begin(actor=self.reader)
        self.draft.content = to_json(
            a_book({"id": "r1", "asks": "verify"}, groups=(), methods=(methods_of("fido"),), contingencies=(PHONES,))
        )
        self.draft.save()
        self.method_rule = self.draft.content["methods"][0]["id"]
        known = {"number": 1, "against": 1, "content": {}, "first": 0, "cursor": 0, "last": 0, "total": 0, "made_by": self.reader}
        self.replay = Replay.objects.create(**known, made_at=timezone.now(), seen_at=timezone.now())
        Found.objects.create(replay=self.replay, account=self.hana, finding="more", signins=1)
        asked = outages.ask_for("phones", hours=2, actor=an_account(roles=("administrator",)), reason="down")
        self.outage = outages.agree(asked.uid, actor=self.reader)
        record(
            EventName.SIGNIN_SUCCEEDED, account=self.hana, actor=self.hana, after={"outage": str(self.outage.uid), "verified_with": "totp"}
        )

    def campaigns(self) -> None:
        somebody("registered", common_id="1000000082", name_en=NAME)
        self.drafted: Campaign = a_draft(self.reader, accounts=[self.hana.common_id])
        self.campaign = started(self.reader, self.reader)

    @property
    def values(self) -> dict[str, object]:
        """What stands for a name in a route; the more special first."""
        return {
            "audit/<uuid:uid>/proof/file": f"audit/{self.without_number.uid}/proof/file",
            "audit/<uuid:uid>": f"audit/{self.event.uid}",
            "audit/views/<int:number>": f"audit/views/{self.view.pk}",
            "<uuid:export_id>": self.export.pk,
            "<uuid:finding_id>": self.finding.pk,
            "<slug:form>": "csv",
            "<slug:detector>": "same-pair",
            "dry-run/<uuid:uid>": f"dry-run/{self.replay.uid}",
            "outages/<uuid:uid>": f"outages/{self.outage.uid}",
            "campaigns/<uuid:uid>/change": f"campaigns/{self.drafted.uid}/change",
            "campaigns/<uuid:uid>": f"campaigns/{self.campaign.uid}",
            "<str:wish>": "end",
            "bulk/<uuid:uid>": f"bulk/{self.job.pk}",
            "cases/<str:number>/": f"cases/{self.closed.number}/",
            "<int:proof_id>": self.proof.pk,
            "<int:approval_id>": Approval.objects.filter(account=self.hana).values_list("pk", flat=True).get(),
            "<int:grant_id>": self.grant.pk,
            "<uuid:delivery_id>": Delivery.objects.filter(account=self.hana).values_list("uid", flat=True)[0],
            "<uuid:termination_id>": self.termination.uid,
            "<uuid:report_id>": self.report.pk,
            "sessions/<uuid:one>": f"sessions/{self.caller.badge.uid}",
            "<uuid:one>": self.caller.method.pk,
            "<str:common_id>": self.hana.common_id,
            "<slug:code>": "local",
            "<int:number>": 1,
            "<str:part>": "sign-in",
            "methods/<str:rule_id>": f"methods/{self.method_rule}",
            "<str:rule_id>": "r1",
            "<str:network>": "hall",
            "<str:group>": "new",
            "<str:contingency>": "phones",
            "<str:way>": "up",
            "<str:name>": "report-only",
            "<uuid:wish_id>": TerminationWish.objects.values_list("uid", flat=True).first() or self.report.pk,
        }

    @property
    def queries(self) -> dict[str, str]:
        """Without which a page has nobody to show."""
        return {
            "helpdesk/": "?q=hana",
            "helpdesk/suggestions/": "?q=hana",
            "helpdesk/counter/": f"?code={self.counter.code}",
            "audit/": f"?account={ID}",
            "policies/what-if/": f"?account={ID}&address=192.0.2.7",
        }

    def address(self, page: Page) -> str:
        """Where the page of this route shows her."""
        route = page.route
        for name, value in self.values.items():
            route = route.replace(name, str(value))
        return f"/{route}" + self.queries.get(page.route, "")
