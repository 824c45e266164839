"""Figures as lengths and lines: what the components draw. The same figures stand in tables beneath."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from campaigns.counting import STEPS, Counts

WIDTH, HEIGHT = 600, 200


def share(part: int, whole: int) -> str:
    """A number and its share, in words."""
    return f"{part}\u00a0({100 * part // whole}\u00a0%)" if whole else str(part)


def funnel(total: Counts) -> list[dict[str, object]]:
    """A bar for each step, as long as its share of the people."""
    steps = {"people": _("People"), **STEPS}
    return [
        {
            "label": label,
            "text": share(getattr(total, name), total.people) if name != "people" else str(total.people),
            "width": round(100 * getattr(total, name) / max(total.people, 1), 1),
        }
        for name, label in steps.items()
    ]


def trend(days: Sequence[tuple[date, Counts]]) -> dict[str, Any]:
    """A line for each step over the days, as shares of the people of that day; nothing for a single day."""
    if len(days) < 2:
        return {}
    first, last = days[0][0], days[-1][0]
    span = max((last - first).days, 1)
    lines = []
    for number, (name, label) in enumerate(STEPS.items(), 1):
        points = [
            f"{WIDTH * (day - first).days / span:.1f},{HEIGHT - HEIGHT * getattr(of, name) / max(of.people, 1):.1f}" for day, of in days
        ]
        newest = days[-1][1]
        lines.append({"number": number, "label": label, "points": " ".join(points), "text": share(getattr(newest, name), newest.people)})
    return {"lines": lines, "first": first, "last": last, "width": WIDTH, "height": HEIGHT}
