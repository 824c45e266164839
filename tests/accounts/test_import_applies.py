"""A file is applied: accounts are created, updated, marked as left and brought back, and each change is recorded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.importing import applying
from accounts.importing.applying import BATCH
from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from accounts.search import search
from audit.models import Event
from tests.accounts.conftest import Importing
from tests.accounts.files import HANA, a_row
from tests.factories import an_account, an_affiliation, signed_in


def account(common_id: str = HANA) -> Account:
    return Account.objects.select_related("affiliation").get(common_id=common_id)


def events(name: str) -> list[Event]:
    return list(Event.objects.filter(name=name).order_by("pk"))


@pytest.mark.covers("S-24")
def test_a_new_row_makes_an_account_that_nobody_can_sign_in_to_yet(import_rows: Importing) -> None:
    job, _ = import_rows(a_row())
    hana = account()
    assert (hana.name_en, hana.name_ja, hana.kind, hana.language) == ("Hana Sato", "佐藤 花", "student", "ja")
    assert (hana.affiliation and hana.affiliation.code, hana.contact_address) == ("science", f"{HANA}@mail.example.com")
    assert not hana.has_usable_password()
    assert job.tally == {"created": 1}


def test_creation_is_recorded_with_what_was_set(import_rows: Importing) -> None:
    import_rows(a_row())
    (event,) = events("account:imported")
    assert (event.account_id, event.account_label, event.actor_kind) == (account().pk, HANA, "system")
    assert (event.before, event.reason) == ({}, "import people.csv")
    assert event.after == {
        "name_en": "Hana Sato",
        "name_ja": "佐藤 花",
        "affiliation": "science",
        "kind": "student",
        "language": "ja",
        "contact_address": f"{HANA}@mail.example.com",
    }


def test_a_changed_row_updates_and_records_changed_fields_alone(import_rows: Importing) -> None:
    an_affiliation("letters")
    import_rows(a_row())
    job, _ = import_rows(a_row(name_en="Hana Mori", affiliation="letters"))
    hana = account()
    assert (hana.name_en, hana.affiliation and hana.affiliation.code) == ("Hana Mori", "letters")
    (event,) = events("account:updated")
    assert event.before == {"name_en": "Hana Sato", "affiliation": "science"}
    assert event.after == {"name_en": "Hana Mori", "affiliation": "letters"}
    assert (event.account_id, event.actor_kind, job.tally) == (hana.pk, "system", {"updated": 1})


def test_a_new_name_is_found_and_the_old_one_is_not(import_rows: Importing) -> None:
    import_rows(a_row())
    import_rows(a_row(name_en="Hana Mori", name_ja="森 花"))
    assert search("mori") == search("森花") == [account()]
    assert search("sato") == search("佐藤") == []


def test_the_same_file_again_changes_nothing_and_records_nothing(import_rows: Importing) -> None:
    import_rows(a_row(), a_row("0000000002", status="left"))
    before = list(Account.objects.values("pk", "password", "epoch", "left_at", "created_at"))
    recorded = Event.objects.count()
    job, _ = import_rows(a_row(), a_row("0000000002", status="left"))
    assert list(Account.objects.values("pk", "password", "epoch", "left_at", "created_at")) == before
    assert (Event.objects.count(), job.tally) == (recorded, {"unchanged": 2})


def test_a_language_that_the_person_chose_stays(import_rows: Importing) -> None:
    import_rows(a_row(), a_row("0000000002"))
    Account.objects.filter(common_id=HANA).update(language_chosen=True)
    import_rows(a_row(language="en"), a_row("0000000002", language="en"))
    assert (account().language, account("0000000002").language) == ("ja", "en")


def test_whoever_leaves_loses_sessions_and_roles_but_not_the_account(import_rows: Importing, client: Client) -> None:
    hana = an_account(HANA, roles=("helpdesk",))
    badge = signed_in(client, hana)
    job, _ = import_rows(a_row(status="left"))
    left = account()
    assert left.left_at
    assert left.epoch > badge.epoch
    assert not RoleGrant.objects.exists()
    assert client.get("/security-info/").status_code == 302
    assert job.tally == {"updated": 1, "left": 1}


def test_leaving_is_recorded_with_the_roles_it_takes(import_rows: Importing) -> None:
    hana = an_account(HANA, roles=("helpdesk",))
    import_rows(a_row(status="left"))
    (left,), (withdrawn,) = events("account:left"), events("role:withdrawn")
    moment = account().left_at
    assert moment
    assert (left.account_id, left.before, left.after) == (hana.pk, {"left_at": None}, {"left_at": moment.isoformat()})
    assert (withdrawn.account_id, withdrawn.before, withdrawn.actor_kind) == (hana.pk, {"role": "helpdesk"}, "system")


def test_whoever_stands_in_the_file_again_is_back_without_roles_and_sessions(import_rows: Importing) -> None:
    an_account(HANA, roles=("administrator",), name_en="Hana Sato", name_ja="佐藤 花", affiliation=an_affiliation("science"), language="ja")
    import_rows(a_row(status="left"))
    moment, epoch = account().left_at, account().epoch
    job, _ = import_rows(a_row())
    hana = account()
    assert moment
    assert (hana.left_at, hana.epoch, RoleGrant.objects.count()) == (None, epoch, 0)
    (event,) = events("account:returned")
    assert (event.account_id, event.before, event.after) == (hana.pk, {"left_at": moment.isoformat()}, {"left_at": None})
    assert job.tally == {"returned": 1}


def test_a_new_account_may_have_left_already(import_rows: Importing) -> None:
    import_rows(a_row(status="left"))
    moment = account().left_at
    assert moment
    assert events("account:imported")[0].after["left_at"] == moment.isoformat()


def test_an_initial_password_is_hashed_once_and_never_replaces_one(import_rows: Importing) -> None:
    import_rows(a_row(initial_password="first words"))
    assert account().check_password("first words")
    job, _ = import_rows(a_row(initial_password="other words"))
    assert account().check_password("first words")
    assert job.tally == {"unchanged": 1}


def test_an_initial_password_reaches_an_account_that_has_none_and_no_event_tells_it(import_rows: Importing) -> None:
    import_rows(a_row())
    import_rows(a_row(initial_password="first words"))
    assert account().check_password("first words")
    (event,) = events("account:updated")
    assert (event.before, event.after) == ({"initial_password": False}, {"initial_password": True})


def test_wrong_lines_are_told_and_all_others_applied(import_rows: Importing) -> None:
    job, seen = import_rows(a_row(), a_row("12"), a_row("0000000003", affiliation="physics"), a_row(name_en="Twin"), a_row("0000000005"))
    assert seen.lines == {3: ["id-zero"], 4: ["affiliation-unknown"], 5: ["twice"]}
    assert sorted(Account.objects.values_list("common_id", "name_en")) == [(HANA, "Hana Sato"), ("0000000005", "Hana Sato")]
    assert (job.findings.wrong, job.tally) == (3, {"created": 2})


def test_strict_applies_nothing_when_one_line_is_wrong(import_rows: Importing) -> None:
    with pytest.raises(Refused) as refused:
        import_rows(a_row(), a_row("12"), strict=True)
    assert refused.value.sentence == "Wrong lines: 1. Nothing was changed (--strict)."
    assert (Account.objects.count(), Event.objects.count()) == (0, 0)


def test_strict_applies_a_right_file(import_rows: Importing) -> None:
    job, _ = import_rows(a_row(), a_row("0000000002"), strict=True)
    assert (Account.objects.count(), job.tally) == (2, {"created": 2})


def test_a_strict_run_may_idle_in_its_transaction_while_passwords_are_hashed(
    import_rows: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        return
    limits = []

    def hashed(password: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            limits.append(cursor.fetchone()[0])
        return "hashed"

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
    monkeypatch.setattr(applying, "make_password", hashed)
    import_rows(a_row(initial_password="long enough to be one"))
    import_rows(a_row("0000000002", initial_password="long enough to be one"), strict=True)
    assert limits == ["1min", "0"]


def test_a_dry_run_counts_what_would_happen_and_changes_nothing(import_rows: Importing) -> None:
    import_rows(*(a_row(f"000000000{number}") for number in range(1, 6)), a_row("0000000006", status="left"))
    rows = [a_row(), a_row("0000000002", name_en="New"), a_row("0000000003", status="left"), a_row("0000000006"), a_row("0000000009")]
    before, recorded = list(Account.objects.order_by("pk").values()), Event.objects.count()
    wishes = {"mark_missing": True, "allowed_share": 40}
    preview, _ = import_rows(*rows, dry_run=True, **wishes)
    assert (list(Account.objects.order_by("pk").values()), Event.objects.count()) == (before, recorded)
    assert preview.tally == {"created": 1, "updated": 1, "left": 3, "returned": 1, "unchanged": 1}
    job, _ = import_rows(*rows, **wishes)
    assert job.tally == preview.tally


def test_several_batches_are_written_and_followed(import_rows: Importing) -> None:
    job, seen = import_rows(*(a_row(f"{number:010d}") for number in range(BATCH * 2 + 1)))
    assert job.tally == {"created": BATCH * 2 + 1}
    assert [count for told, count in seen.told if told == "applied"] == [BATCH, BATCH * 2, BATCH * 2 + 1]
    assert Event.objects.filter(name="account:imported").count() == Account.objects.count() == BATCH * 2 + 1


def test_each_import_notes_when_an_account_was_last_in_a_file(import_rows: Importing) -> None:
    import_rows(a_row())
    Account.objects.update(last_seen_in_import_at=timezone.now() - timedelta(days=1))
    import_rows(a_row())
    seen = account().last_seen_in_import_at
    assert seen
    assert timezone.now() - seen < timedelta(minutes=1)


def test_what_the_person_and_the_site_keep_is_not_touched(import_rows: Importing) -> None:
    import_rows(a_row())
    kept = {"recovery_address": "hana@home.example", "failures": 3, "epoch": 7, "mfa_asked_here": True, "methods_needed": True}
    Account.objects.update(**kept)
    import_rows(a_row(name_en="Hana Mori"))
    assert Account.objects.filter(**kept, name_en="Hana Mori").exists()
