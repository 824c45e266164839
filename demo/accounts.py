"""The people of the demo. One password for all, so that a visitor can type it."""

from typing import NamedTuple

from accounts.kinds import AccountKind
from accounts.models import Account, Affiliation, RoleGrant
from audit.catalogue import EventName
from audit.record import record

PASSWORD = "demo-password"  # noqa: S105 - public on purpose; the demo listens on this machine alone


class Person(NamedTuple):
    """One demo account; `part` says what it is for, `roles` are codes of `accounts.roles`."""

    common_id: str
    name_en: str
    name_ja: str
    kind: AccountKind
    affiliation: str
    part: str
    roles: tuple[str, ...] = ()
    language: str = "ja"


AFFILIATIONS = [
    ("letters", "Faculty of Letters", "文学部"),
    ("engineering", "Graduate School of Engineering", "大学院工学系研究科"),
    ("library", "University Library", "附属図書館"),
    ("systems", "Information Systems Department", "情報システム部"),
    ("international", "International Center", "国際センター"),
]

CAST = [
    Person("0123456789", "Hanako Yamada", "山田 花子", AccountKind.STUDENT, "letters", "student"),
    Person("0123456790", "Taro Suzuki", "鈴木 太郎", AccountKind.STUDENT, "engineering", "student"),
    Person("0123456791", "Maria Garcia", "マリア・ガルシア", AccountKind.FACULTY, "engineering", "faculty", language="en"),
    Person("0123456792", "Minjun Kim", "金 民俊", AccountKind.STUDENT, "international", "student", language="en"),
    Person("0123456793", "Yoko Nakamura", "中村 陽子", AccountKind.STAFF, "library", "staff"),
    Person("7000000001", "Kenji Tanaka", "田中 健二", AccountKind.STAFF, "systems", "help desk", ("helpdesk",)),
    Person("6000000001", "Emi Hayashi", "林 恵美", AccountKind.STAFF, "library", "counter", ("counter",)),
    Person("7000000002", "Sachiko Ito", "伊藤 幸子", AccountKind.STAFF, "systems", "senior help desk", ("senior-helpdesk",)),
    Person("8000000001", "Akira Watanabe", "渡辺 明", AccountKind.STAFF, "systems", "auditor", ("auditor",)),
    Person("9000000001", "Naomi Kobayashi", "小林 直美", AccountKind.STAFF, "systems", "administrator", ("administrator",)),
    Person("9000000002", "Osamu Mori", "森 修", AccountKind.STAFF, "systems", "administrator", ("administrator",)),
]


def make_missing() -> None:
    """Make the accounts that are missing; those that are there stay as their owners left them."""
    faculties = {code: _affiliation(code, name_en, name_ja) for code, name_en, name_ja in AFFILIATIONS}
    known = set(Account.objects.filter(common_id__in=[person.common_id for person in CAST]).values_list("common_id", flat=True))
    for person in CAST:
        if person.common_id not in known:
            _make(person, faculties[person.affiliation])


def _affiliation(code: str, name_en: str, name_ja: str) -> Affiliation:
    return Affiliation.objects.get_or_create(code=code, defaults={"name_en": name_en, "name_ja": name_ja})[0]


def _make(person: Person, affiliation: Affiliation) -> None:
    account = Account.objects.create_account(
        person.common_id,
        PASSWORD,
        name_en=person.name_en,
        name_ja=person.name_ja,
        kind=person.kind,
        affiliation=affiliation,
        language=person.language,
        contact_address=f"{person.common_id}@example.ac.jp",
    )
    record(EventName.ACCOUNT_IMPORTED, account=account, after={"kind": person.kind, "affiliation": person.affiliation})
    for role in person.roles:
        RoleGrant.objects.create(account=account, role=role)
        record(EventName.ROLE_GRANTED, account=account, after={"role": role})
