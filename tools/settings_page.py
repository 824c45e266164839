"""`python tools/settings_page.py` writes docs/settings.md from the settings as they are declared; with --check it only compares."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.deployment import demo, production  # noqa: E402

PAGE = ROOT / "docs" / "settings.md"
TELL = """
import json, os, importlib
from mfaadmin.settings.environment import env
importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
print(json.dumps([vars(setting) for setting in env.declared], default=str))
"""
HEAD = """# Settings

Every setting comes from the environment of the process; there is no other file to edit. Lists are written with commas,
yes/no as `true` or `false`. Written by `python tools/settings_page.py` from the declarations in `mfaadmin/settings`.
"""
TABLE = "\n| Setting | Type | Default | Meaning |\n|---|---|---|---|\n"


def declared(environment: dict[str, str]) -> list[dict[str, Any]]:
    """The settings that a process with this environment declares."""
    command = [sys.executable, "-c", TELL]
    answer = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return sorted(json.loads(answer), key=lambda setting: str(setting["name"]))


def _default(value: Any) -> str:
    text = ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text.replace(str(ROOT), '.')}`" if text else ""


def _table(settings: list[dict[str, Any]]) -> str:
    rows = (f"| `{s['name']}` | {s['kind']} | {_default(s['default'])} | {s['sentence']} |\n" for s in settings)
    return TABLE + "".join(rows).replace("`(required)`", "")


def page() -> str:
    """The whole page."""
    deployed = declared(production())
    with tempfile.TemporaryDirectory() as folder:
        own = [setting for setting in declared(demo(folder)) if setting not in deployed]
    required = [setting for setting in deployed if setting["default"] == "(required)"]
    optional = [setting for setting in deployed if setting not in required]
    parts = {
        "Required": ("A deployment does not start without them, and says which are missing.", required),
        "Optional": ("", optional),
        "Of the demo alone": ("`make demo` needs none of them.", own),
    }
    return HEAD + "".join(
        f"\n## {title}\n{f'{chr(10)}{text}{chr(10)}' if text else ''}{_table(rows)}" for title, (text, rows) in parts.items()
    )


def main() -> int:
    """Write or compare."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    if PAGE.exists() and PAGE.read_text() == page():
        return 0
    print("docs/settings.md is not up to date: python tools/settings_page.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
