"""Running a measurement within a site of its own, and keeping what it said beside what earlier ones said of other databases and sizes."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.deployment import demo

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def site(folder: str) -> Callable[..., str]:
    """What runs `manage.py` with the demo's settings on the empty database named by DATABASE_URL, or with SQLite in `folder`."""
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    environment = demo(f"{folder}/data", **chosen) | {"PYTHONPATH": str(ROOT)}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    return manage


def keep(name: str, measured: str, said: str) -> None:
    """Print the figures and write them to results/<name>.txt, in place of those of the same database for the same `measured`."""
    database = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    said = said.strip("\n")
    text = f"{database}, {measured}, Python {platform.python_version()}, {load}, {time.strftime('%Y-%m-%d')}\n{said}\n"
    file = RESULTS / f"{name}.txt"
    kept = file.read_text().split("\n\n") if file.exists() else []
    others = [paragraph.rstrip("\n") for paragraph in kept if paragraph.strip() and not paragraph.startswith(f"{database}, {measured},")]
    file.write_text("\n\n".join([*others, text]))
    print(text, end="")
