"""The pages of campaigns: entered, previewed, started, watched; what those see who are asked; and the lists."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from campaigns.asking import detour
from campaigns.lists import never_applied
from campaigns.models import Campaign, Member
from campaigns.running import look_after
from campaigns.schedule import today
from tests.campaigns.people import a_draft, somebody, started
from tests.factories import a_phone, a_totp_app, an_account, an_affiliation, signed_in
from tests.methods.people import fresh_browser
from tests.policies.books import in_force, methods_of

pytestmark = pytest.mark.django_db
HOME = "/policies/campaigns/"


@pytest.fixture
def admin(ada: Account) -> Client:
    return fresh_browser(ada)


def entered(**fields: Any) -> dict[str, Any]:
    known = {"name_en": "Spring", "name_ja": "春", "due_on": (today() + timedelta(days=20)).isoformat(), "remind_before": "14, 3"}
    return known | {"snoozes": 3, "snooze_days": 2, "second_method": "on", "affiliations": [an_affiliation().pk]} | fields


def page_of(campaign: Campaign) -> str:
    return f"{HOME}{campaign.uid}/"


@pytest.mark.covers("S-16", "S-139")
def test_from_an_empty_page_to_a_running_campaign(admin: Client) -> None:
    somebody("finished")
    somebody()
    assert "No campaign yet" in admin.get(HOME).content.decode()
    answer = admin.post(f"{HOME}new/", entered(words_en="Hello <b>"), follow=True)
    html = answer.content.decode()
    for words in ("2 people would be asked", "1 of them have finished", "Hello &lt;b&gt;", "春", "登録"):
        assert words in html
    made = Campaign.objects.get()
    html = admin.post(f"{page_of(made)}ask/start/", {"reason": "Spring", "seen": 0}, follow=True).content.decode()
    assert "Running" in html
    look_after()
    html = admin.get(page_of(made)).content.decode()
    assert "2 people" in html
    assert "1\u00a0(50\u00a0%)" in html
    assert "Running" in admin.get(HOME).content.decode()


def test_a_second_administrator_agrees_and_the_first_cannot(admin: Client, eva: Account) -> None:
    somebody()
    admin.post(f"{HOME}new/", entered(requires="on"))
    made = Campaign.objects.get()
    admin.post(f"{page_of(made)}ask/start/", {"reason": "Spring", "seen": 0})
    html = admin.get(page_of(made)).content.decode()
    assert "You asked for this yourself" in html
    assert "/approve/" not in html
    assert "somebody else has to agree" in admin.post(f"{page_of(made)}approve/", follow=True).content.decode()
    denied = Event.objects.get(name=EventName.ACCESS_DENIED)
    assert (denied.actor_id, denied.after) == (made.made_by_id, {"path": f"{page_of(made)}approve/", "why": "campaign-own"})
    other = fresh_browser(eva)
    shown = other.get(page_of(made)).content.decode()
    assert "/approve/" in shown
    assert "Somebody else has changed this campaign" in other.post(f"{page_of(made)}approve/", {"seen": 0}, follow=True).content.decode()
    made.refresh_from_db()
    assert f'name="seen" value="{made.edits}"' in shown
    other.post(f"{page_of(made)}approve/", {"seen": made.edits})
    assert Campaign.objects.get().state == "running"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due_on": "2020-01-01"}, "Choose a day after today"),
        ({"remind_before": "soon"}, "numbers of days"),
        ({"affiliations": []}, "Choose at least one affiliation"),
        ({"lines": "12\n9999999999"}, "This is not a Common ID"),
        ({"lines": "9999999999"}, "There is no such account."),
        ({"snoozes": 21}, "less than or equal to 20"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(admin: Client, wrong: dict[str, Any], said: str) -> None:
    answer = admin.post(f"{HOME}new/", entered(words_en="Kept words") | wrong)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "Kept words" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_list_is_pasted_from_a_spreadsheet(admin: Client, hana: Account, ken: Account) -> None:
    admin.post(f"{HOME}new/", entered(affiliations=[], lines=f"{hana.common_id}\t佐藤\r\n{ken.common_id},森\r\n"))
    people = Campaign.objects.get().people
    assert people
    assert people.listed.count() == 2


def test_a_long_list_can_be_pasted_and_what_is_wrong_in_it_is_named(admin: Client) -> None:
    form = urlencode(entered(affiliations=[], lines="\r\n".join(f"{number:010d}" for number in range(15_000))), doseq=True)
    answer = admin.post(f"{HOME}new/", form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "… and 14990 more lines." in answer.content.decode()


def test_a_longer_one_comes_from_a_file_on_the_machine(ada: Account, hana: Account, tmp_path: Path) -> None:
    draft, file, said = a_draft(ada), tmp_path / "list", StringIO()
    file.write_text(f"\ufeff{hana.common_id},Sato\n")
    call_command("campaign", str(file), "--name-en", "Spring", stdout=said)
    assert "asks 1 accounts" in said.getvalue()
    draft.refresh_from_db()
    assert draft.people
    assert not draft.affiliations.exists()
    file.write_text("9999999999\n")
    for words, why in (([str(file), "--name-en", "Spring"], "Nothing is changed"), ([str(file), "--name-en", "No"], "no draft called")):
        with pytest.raises(CommandError, match=why):
            call_command("campaign", *words, stderr=said)
    assert "There is no such account." in said.getvalue()
    assert Event.objects.filter(name="campaign:edited").count() == 1


def test_a_draft_is_changed_and_thrown_away_on_its_pages(admin: Client, ada: Account) -> None:
    draft = a_draft(ada)
    assert 'value="Spring"' in admin.get(f"{page_of(draft)}change/").content.decode()
    admin.post(f"{page_of(draft)}change/", entered(name_en="Summer", seen=0))
    assert Campaign.objects.get().name_en == "Summer"
    assert "Somebody else has changed" in admin.post(f"{page_of(draft)}change/", entered(seen=0)).content.decode()
    admin.post(f"{page_of(draft)}discard/")
    assert admin.get(f"{page_of(draft)}change/").status_code == 404
    assert "No campaign yet" in admin.get(HOME).content.decode()


@pytest.mark.parametrize("role", ["helpdesk", "senior-helpdesk", "auditor", ""])
def test_the_pages_are_for_administrators(role: str, ada: Account) -> None:
    draft, client = a_draft(ada), Client()
    signed_in(client, an_account(roles=(role,) if role else ()))
    for path in ("", "new/", "never-applied/", "never-applied.csv", f"{draft.uid}/", f"{draft.uid}/change/", f"{draft.uid}/unfinished.csv"):
        assert client.get(f"{HOME}{path}").status_code == 403, path
    for path in ("discard/", "ask/start/", "approve/", "refuse/"):
        assert client.post(f"{page_of(draft)}{path}").status_code == 403, path


def test_what_changes_something_needs_a_fresh_verification(ada: Account) -> None:
    draft, client = a_draft(ada), Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
        signed_in(client, ada)
    for answer in (client.get(f"{HOME}new/"), client.post(f"{page_of(draft)}discard/"), client.post(f"{page_of(draft)}ask/start/")):
        assert answer["Location"].startswith("/signin/step-up/")
    assert "Verify yourself first" in client.get(page_of(draft)).content.decode()


@pytest.mark.covers("S-16")
def test_who_registered_but_never_applied_is_listed_and_taken_along(admin: Client) -> None:
    forgot = somebody("tested", name_en="=Forgot")
    somebody("applied")
    somebody()
    other = somebody("registered", affiliation=an_affiliation("letters"))
    html = admin.get(f"{HOME}never-applied/").content.decode()
    assert (forgot.common_id in html, other.common_id in html, "2 people" in html) == (True, True, True)
    assert forgot.common_id not in admin.get(f"{HOME}never-applied/?affiliation=letters").content.decode()
    lines = b"".join(admin.get(f"{HOME}never-applied.csv?affiliation=science")).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 2
    assert "'=Forgot" in lines[1]
    assert [event.after["found"] for event in Event.objects.filter(name="campaign:listed").order_by("pk")] == [2, 1, 1]


def test_whose_only_method_counts_no_more_is_not_listed_as_registered(admin: Client) -> None:
    forgot, ended = somebody("second"), somebody()
    a_phone(ended)
    in_force({"asks": "verify"}, methods=(methods_of("totp"),))
    assert list(never_applied().values_list("pk", "methods")) == [(forgot.pk, 1)]
    html = admin.get(f"{HOME}never-applied/").content.decode()
    assert (forgot.common_id in html, ended.common_id in html) == (True, False)


def test_who_has_not_finished_is_taken_along_with_what_is_next(admin: Client, ada: Account, eva: Account) -> None:
    slow = somebody("registered")
    somebody("finished")
    running = started(ada, eva)
    lines = b"".join(admin.get(f"{page_of(running)}unfinished.csv")).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 2
    assert slow.common_id in lines[1]
    assert "Sign out and try" in lines[1]


@pytest.mark.covers("S-16")
def test_whoever_is_asked_sees_the_next_step_puts_it_off_so_often_and_goes_on(ada: Account, eva: Account) -> None:
    person = somebody("registered")
    running = started(ada, eva, days=9, snoozes=2, snooze_days=3, words_en="From us")
    client = fresh_browser(Account.objects.get(pk=person.pk))
    html = client.get("/campaign/?next=/my-account/").content.decode()
    for words in (
        "Please finish your setup by",
        "From us",
        "signing in with it has not been tried yet",
        'href="/my-account/"',
        "2 more times",
    ):
        assert words in html
    for _ in range(2):
        assert client.post("/campaign/later/", {"next": "/my-account/"})["Location"] == "/my-account/"
    member = Member.objects.get(campaign=running)
    assert (member.snoozed, member.snoozed_until) == (2, today() + timedelta(days=3))
    assert client.post("/campaign/later/", {"next": "/my-account/"})["Location"] == "/campaign/"
    assert "cannot put it off any further" in client.get("/campaign/").content.decode()
    assert Event.objects.filter(name="campaign:snoozed").count() == 2


def test_on_the_last_day_and_afterwards_it_is_not_put_off(ada: Account, eva: Account) -> None:
    person = somebody("tested")
    started(ada, eva, days=4, snooze_days=30, requires=True)
    client = fresh_browser(Account.objects.get(pk=person.pk))
    client.post("/campaign/later/")
    assert Member.objects.get().snoozed_until == today() + timedelta(days=4), "never past the last day"
    for day, may_go_on in ((4, True), (5, False)):
        with time_machine.travel(timezone.now() + timedelta(days=day), tick=False):
            client = fresh_browser(Account.objects.get(pk=person.pk))
            html = client.get("/campaign/").content.decode()
            assert "Remind me later" not in html
            assert ("Continue without finishing" in html) is may_go_on
            assert client.post("/campaign/later/")["Location"] == "/campaign/"


def test_whoever_is_not_asked_goes_where_they_wanted_to(hana: Account) -> None:
    client = fresh_browser(hana)
    assert client.get("/campaign/?next=/my-account/")["Location"] == "/my-account/"
    assert client.get("/campaign/?next=//evil.example")["Location"] == "/security-info/"


def test_the_pages_take_few_queries_however_many_are_asked(
    admin: Client, ada: Account, eva: Account, django_assert_max_num_queries: Any
) -> None:
    somebody()
    running = started(ada, eva)
    for _round in range(2):
        for _ in range(3):
            somebody("registered")
        look_after()
        with django_assert_max_num_queries(8):
            admin.get(HOME)
        with django_assert_max_num_queries(14):
            admin.get(page_of(running))
        with django_assert_max_num_queries(12):
            admin.get(f"{HOME}never-applied/")


def test_the_sign_in_of_who_is_not_asked_costs_nothing_more(django_assert_num_queries: Any, hana: Account) -> None:
    a_totp_app(hana)
    with django_assert_num_queries(0):
        assert detour(hana, "/my-account/") == "/my-account/"
