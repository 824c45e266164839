"""Searching stays fast because both databases use the index; this reads their plans (S-147)."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.importing.applying import Applying
from accounts.importing.rows import AccountRow
from accounts.models import Account, SearchWord
from accounts.search import hits
from accounts.synthetic import people
from tests.factories import an_affiliation


@pytest.fixture
def thousands(db: None) -> None:
    """Enough accounts for a planner to think about."""
    affiliation = an_affiliation("science")
    rows = [AccountRow(**row | {"affiliation": "science"}) for row in people(4000)]
    Applying({"science": affiliation.pk}, timezone.now(), "test").apply(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.covers("S-147")
@pytest.mark.usefixtures("thousands")
@pytest.mark.parametrize("text", ["0123", "sato", "佐藤", "hana.sato", "hana.sato.01234@g.example.ac.jp", "渡辺 さくら", "sato hana"])
def test_a_search_uses_the_index_of_words_and_never_reads_all_of_them(text: str) -> None:
    plan = hits(text).explain()
    assert "account_by_word" in plan
    assert "Seq Scan on accounts_searchword" not in plan
    assert "SCAN accounts_searchword" not in plan


@pytest.mark.usefixtures("thousands")
def test_every_account_has_its_id_as_a_word() -> None:
    assert SearchWord.objects.filter(word__in=Account.objects.values("common_id")).count() == 4000
