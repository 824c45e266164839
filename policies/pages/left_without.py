"""Whom a draft would leave without any usable method: how many, by affiliation, and the list."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from accounts.badge import Badged
from accounts.models import Affiliation
from audit.catalogue import EventName
from audit.record import record
from policies.allowances import today
from policies.current import book_of, current_book
from policies.drafting import open_version
from policies.pages.gate import reads
from policies.pages.tables import table_answer
from policies.rulebook.content import Book
from policies.stranding import Stranded, by_affiliation, now_without, stranded


def left_without(book: Book) -> dict[str, Any]:
    """For a page: how many people `book` would leave without a usable method, at once and later, by affiliation."""
    found = stranded(current_book(), book, today())
    counts = by_affiliation(found)
    titles = {one.code: str(one) for one in Affiliation.objects.filter(code__in=counts)} if counts else {}
    rows = [(titles.get(code) or _("Without affiliation"), *both) for code, both in counts.items()]
    return {"strands": now_without(found), "strands_later": len(found) - now_without(found), "strands_rows": rows}


@reads
def left_without_list(request: Badged) -> HttpResponse:
    """Whom, as a table for a spreadsheet; who took it is recorded."""
    draft = open_version()
    if draft is None or request.method == "HEAD":
        raise Http404
    found = stranded(current_book(), book_of(draft), today())
    record(EventName.POLICY_TRIED, actor=request.user, after={"policy": draft.number})
    return table_answer(f"left-without-{draft.number}", ["common_id", "name_en", "affiliation", "methods", "last_day"], _cells(found))


def _cells(found: list[Stranded]) -> Iterator[list[str]]:
    for one in sorted(found, key=lambda one: (one.last_day is not None, one.affiliation, one.common_id)):
        yield [one.common_id, one.name, one.affiliation, " ".join(sorted(one.kinds)), one.last_day.isoformat() if one.last_day else ""]
