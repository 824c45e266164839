"""The files that the page frame's rules are about."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "mfaadmin" / "static"
VENDOR = STATIC / "vendor"
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
ICONS = {path.stem for path in (ROOT / "templates" / "components" / "icons").glob("*.html")}


def templates() -> list[Path]:
    """Every HTML template of the project, of whichever app."""
    homes = [ROOT / "templates", *ROOT.glob("*/templates"), *ROOT.glob("methods/kinds/*/templates")]
    return sorted(path for home in homes for path in home.rglob("*.html"))
