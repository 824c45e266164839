"""What the terminal shows once the site answers."""

from pathlib import Path

from django.conf import settings

from demo.accounts import CAST, PASSWORD


def welcome(folder: Path) -> str:
    """Addresses and accounts, aligned."""
    site = settings.MFA_PUBLIC_URL
    places = [
        ("Site", f"{site}/", "sign in, register a method, apply for MFA use"),
        ("App", f"{site}/authenticator/", "the Authenticator: open it in a second window"),
        ("Phone", f"{site}/demo/phone/", "texts arrive here"),
        ("Mailbox", f"{site}/demo/mailbox/", "mail arrives here"),
        ("Systems", f"{site}/demo/systems/", "what the connected systems were told"),
    ]
    people = [(person.common_id, person.name_en, person.part) for person in CAST]
    return "\n".join(
        [
            "",
            "The site is open. Ctrl-C ends everything.",
            "",
            *_aligned(places),
            "",
            f"Accounts; the password of each is  {PASSWORD}",
            "",
            *_aligned(people),
            "",
            _pace(settings.MFA_PROPAGATION_MINUTES),
            f"Data, keys and logs are kept in {folder}",
            "",
        ]
    )


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"  {one:<{first}}   {two:<{second}}   {three}" for one, two, three in rows]


def _pace(minutes: float) -> str:
    span = f"{minutes:g} minutes" if minutes >= 1 else f"{minutes * 60:.0f} seconds"
    hint = "; MFA_PROPAGATION_MINUTES=0.67 make demo shows it in 40 seconds" if minutes >= 5 else ""
    return f"An application takes effect in about {span}{hint}."
