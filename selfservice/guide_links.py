"""Pages, videos and stores that an administrator added to the guide, in the reader's language where there is one (S-15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from selfservice.models import Form, GuideLink

ICONS = {Form.PAGE: "external", Form.VIDEO: "send", Form.STORE: "download"}


@dataclass(frozen=True)
class Shown:
    """A link as the component shows it; `foreign` when it is not in the reader's language."""

    link: GuideLink
    foreign: bool

    @property
    def icon(self) -> str:
        """What stands behind it."""
        return ICONS[Form(self.link.form)]

    @property
    def is_store(self) -> bool:
        """Whether it is shown with a QR code, to be opened on the smartphone (S-106)."""
        return self.link.form == Form.STORE

    @property
    def qr(self) -> SafeString:
        """The address as a QR code."""
        return qr(self.link.address)


def qr(address: str) -> SafeString:
    """An address as a drawing that a smartphone's camera opens."""
    svg: str = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True)
    return mark_safe(svg)  # noqa: S308  drawn by segno


class Links:
    """All links that are shown, read once."""

    @cached_property
    def _all(self) -> list[GuideLink]:
        return list(GuideLink.objects.filter(shown=True))

    def of(self, topics: Iterable[str] = (), *, kind: str = "") -> list[Shown]:
        """Those for any of the topics and this kind; another language's only where the reader's has none of the same sort."""
        wanted = [link for link in self._all if link.kind == kind and (link.topic in topics or (kind and not link.topic))]
        own = [link for link in wanted if link.language == get_language()]
        sorts = {(link.topic, link.form) for link in own}
        return [Shown(link, link not in own) for link in wanted if link in own or (link.topic, link.form) not in sorts]
