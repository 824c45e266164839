"""Every check that needs no test: style, types, floors, migrations, templates, translations, deployment.

All run, as many at once as there are processors, whatever becomes of the others. `python tools/lint.py mypy floors` runs those two.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.deployment import demo, production  # noqa: E402

BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")
CHECKS: dict[str, tuple[str | Path, ...]] = {
    "mypy": (BIN / "mypy",),  # the longest comes first
    "ruff": (BIN / "ruff", "check", "--quiet"),
    "format": (BIN / "ruff", "format", "--check", "--quiet"),
    "floors": (BIN / "lint-imports", "--no-cache"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "templates": (sys.executable, "tools/templates.py"),
    "translations": (sys.executable, "tools/messages.py", "--check"),
    "settings-page": (sys.executable, "tools/settings_page.py", "--check"),
    "deployment": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
}


def passes(name: str) -> bool:
    """Run one check; what it says is printed only when it fails."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as data:
        environment = production() if name == "deployment" else demo(data)
        done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    verdict = f"{name:<16}{'FAILED' if done.returncode else 'ok':<8}{time.monotonic() - started:>5.1f} s"
    print("\n".join([verdict, (done.stdout + done.stderr).strip()] if done.returncode else [verdict]), flush=True)
    return not done.returncode


def main() -> int:
    """Run the named checks, or all."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(passes, sys.argv[1:] or CHECKS))
    print(f"\n{sum(results)} of {len(results)} checks passed")
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())
