"""PostgreSQL: a process that stands still in a transaction, or whose machine is gone, holds its rows for about a minute."""

from typing import Any

from mfaadmin.settings.environment import env

# Without these the kernel notices after two hours that nobody is there any more. A Unix socket needs none, and takes no notice of them.
KEEPALIVES = {"idle": 30, "interval": 10, "count": 3}
MFA_DATABASE_IDLE_SECONDS = env.number(
    "MFA_DATABASE_IDLE_SECONDS",
    60,
    "Seconds after which PostgreSQL ends a transaction in which nothing is asked any more; 0: as the server says.",
)


def postgresql(name: str, url: str) -> dict[str, Any]:
    """Connection settings for the address in `name`; what the address itself says of them goes before."""
    database = env.database(name, url)
    if not database.get("ENGINE", "").endswith("postgresql"):
        return database
    own = database.get("OPTIONS", {})
    options = {f"keepalives_{what}": value for what, value in KEEPALIVES.items()} | own
    if MFA_DATABASE_IDLE_SECONDS:
        options["options"] = f"{_asked_of_server()} {own.get('options', '')}".strip()  # of two with one name the server takes the last
    return database | {"OPTIONS": options}


def _asked_of_server() -> str:
    asked = {f"tcp_keepalives_{what}": value for what, value in KEEPALIVES.items()}
    asked["idle_in_transaction_session_timeout"] = MFA_DATABASE_IDLE_SECONDS * 1000
    return " ".join(f"-c {what}={value}" for what, value in asked.items())
