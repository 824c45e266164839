"""Tags of the guide's instructions."""

from django.template import Library
from django.template.loader import select_template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = Library()
WHERE = {"pc": _("(PC)"), "phone": _("(Smartphone)"), "either": _("(PC or smartphone)")}


@register.simple_block_tag
def task(content: str, where: str) -> SafeString:
    """One thing to do, and on which device it is done (S-105)."""
    return format_html('<li class="task"><span class="task-where">{}</span> {}</li>', WHERE[where], content)


@register.simple_tag(takes_context=True)
def instructions(context: dict[str, object], code: str, step: int) -> SafeString:
    """How this kind is registered in Step 1 or 2, from the kind's own folder where it has brought them along."""
    found = select_template([f"{code}/guide.html", f"selfservice/guide/{code}.html", "selfservice/guide/other.html"])
    html: SafeString = found.render({"site": context["site"], "step": step, "code": code, "app": context["app"]})
    return html
