"""`manage.py policy`: what is too long for a form, and a site with one administrator."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from audit.models import Event
from policies.current import current_book
from policies.models import PolicyVersion
from tests.policies.books import in_force

pytestmark = pytest.mark.django_db


def run(*words: Any) -> str:
    said = StringIO()
    call_command("policy", *map(str, words), stdout=said, stderr=said)
    return said.getvalue()


def test_a_network_and_a_group_come_from_files_and_count_once_switched_on(tmp_path: Path, hana: Account) -> None:
    in_force({"asks": "verify", "name_en": "Everybody"})
    file = tmp_path / "list"
    file.write_text("\ufeff192.0.2.0/24\n2001:db8::/48,library\n")
    run("network", file, "--name-en", "Campus", "--name-ja", "学内", "--kind", "campus")
    file.write_text(f"{hana.common_id}\n")
    run("group", file, "--name-en", "Pilot", "--name-ja", "試行")
    assert current_book().number == 1
    assert "Version 2 is in force" in run("switch-on", "--reason", "first networks")
    book = current_book()
    assert (book.networks[-1].ranges, book.groups[0].size) == (("192.0.2.0/24", "2001:db8::/48"), 1)
    assert "Everybody: a verification is asked for." in run("show")
    assert list(Event.objects.filter(name__startswith="policy:").order_by("pk").values_list("name", "actor_id")) == [
        ("policy:drafted", None),
        ("policy:edited", None),
        ("policy:edited", None),
        ("policy:switched-on", None),
    ]


@pytest.mark.parametrize(
    ("what", "text", "why"), [("network", "10.0.0.1/8", "neither an address"), ("group", "9999999999", "no such account")]
)
def test_a_line_that_cannot_be_read_changes_nothing(tmp_path: Path, what: str, text: str, why: str, capsys: Any) -> None:
    file = tmp_path / "list"
    file.write_text(text)
    said = StringIO()
    kind = ["--kind", "campus"] if what == "network" else []
    with pytest.raises(CommandError, match="Nothing is changed"):
        call_command("policy", what, str(file), "--name-en", "A", "--name-ja", "あ", *kind, stderr=said)
    assert why in said.getvalue()
    assert not PolicyVersion.objects.exists()
