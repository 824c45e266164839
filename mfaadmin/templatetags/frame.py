"""Template tags of the page frame: icons, and the components that wrap a piece of a page."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.forms import BaseForm
from django.template import Library
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.error_codes import code_of

register = Library()

ICON = (
    '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>'
)
TONE_ICONS = {"info": "info", "success": "check-circle", "warning": "warning", "danger": "danger"}


class Look(NamedTuple):
    """How a state is shown: in words, in colour and by an icon."""

    tone: str
    icon: str
    label: str | Promise


DELIVERY_LOOKS = {
    "waiting": Look("neutral", "clock", _("Waiting")),
    "sent": Look("info", "send", _("Sent")),
    "confirmed": Look("success", "check", _("Confirmed")),
    "settled": Look("info", "person", _("Settled by staff")),
    "delayed": Look("warning", "clock", _("Delayed")),
    "attention": Look("danger", "warning", _("Needs attention")),
}


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """A decorative drawing of components/icons; screen readers pass over it. Raises TemplateDoesNotExist."""
    shapes = render_to_string(f"components/icons/{name}.html")
    return format_html(ICON, extra_class, shapes)


@register.inclusion_tag("components/error_code.html")
def error_code(name: str) -> dict[str, str]:
    """The code of this page that a person can say on the telephone. Raises KeyError for a name without an entry."""
    return {"code": code_of(name)}


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that says the same as a tone's colour; a plain dot for a neutral tone."""
    return TONE_ICONS.get(tone, "dot")


@register.filter
def delivery_look(state: str) -> Look:
    """The look of one connected system's state (S-92). Raises KeyError for an unknown state."""
    return DELIVERY_LOOKS[state]


@register.filter
def message_tone(level_tag: str) -> str:
    """The tone for a level of Django's messages."""
    return {"error": "danger", "debug": "info"}.get(level_tag, level_tag)


@register.filter
def needs_summary(form: BaseForm) -> bool:
    """Whether the errors must be gathered above the fields: one error beside its own field says enough."""
    visible = {field.name for field in form.visible_fields()}
    return len(form.errors) > 1 or not set(form.errors) <= visible


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """A boxed remark; danger interrupts a screen reader, the other tones wait their turn."""
    return render_to_string("components/notice.html", {"content": content, "tone": tone, "title": title})


@register.simple_block_tag
def panel(content: str, title: str, icon: str = "", note: str = "", *, is_open: bool = False) -> SafeString:
    """A part of the page that opens and closes without a script (S-21)."""
    facts = {"content": content, "title": title, "icon": icon, "note": note, "is_open": is_open}
    return render_to_string("components/panel.html", facts)


@register.simple_block_tag
def card(content: str, title: str = "", icon: str = "", note: str = "") -> SafeString:
    """A surface that holds one subject, headed by an h2 when it has a title."""
    facts = {"content": content, "title": title, "icon": icon, "note": note}
    return render_to_string("components/card.html", facts)


@register.inclusion_tag("components/table.html")
def data_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, object]:
    """A table that turns into cards on a narrow screen; the first cell of a row names it."""
    labelled = [list(zip(columns, row, strict=True)) for row in rows]
    return {"caption": caption, "columns": columns, "rows": labelled}
