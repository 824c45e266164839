import hashlib
import re
import tomllib
from pathlib import Path

from tests.ui.sources import ICONS, ROOT, SCRIPTS, STATIC, STYLES, VENDOR, templates

TEMPLATES = templates()
COLOUR = re.compile(
    r":[^;{}]*(#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|\b(?:white|black|red|green|blue|gr[ae]y)\b)",
    re.IGNORECASE,
)
INLINE = re.compile(r"""\sstyle\s*=|<style\b|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE)
CLASSES, TAG, CLASS_STYLED = re.compile(r'\bclass="([^"]*)"'), re.compile(r"\{[%{].*?[%}]\}"), re.compile(r"\.([a-z][\w-]*)")
ICON = re.compile(r"""\bicon[ =]"([a-z-]+)\"""")
NARROW_STYLES, NARROW_SCRIPTS, NARROW_TEMPLATES = 120, 80, 100


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_vendored_files_are_those_that_were_fetched() -> None:
    assets = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["asset"]
    assert assets
    for asset in assets:
        assert hashlib.sha256((VENDOR / asset["file"]).read_bytes()).hexdigest() == asset["sha256"], asset["name"]
        assert (VENDOR / asset["licence_file"]).is_file()


def test_every_vendored_file_is_listed() -> None:
    assets = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["asset"]
    listed = {asset[key] for asset in assets for key in ("file", "licence_file")} | {"VENDOR.toml"}
    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == listed


def test_colours_stand_in_the_tokens_alone() -> None:
    assert [path.name for path in STYLES if COLOUR.search(path.read_text())] == ["tokens.css"]


def test_the_rule_on_colours_sees_colours() -> None:
    assert all(COLOUR.search(text) for text in ("a{color:#fff}", "a{border: 1px solid rgb(0 0 0)}", "a{background: white}"))


def test_no_template_carries_inline_script_or_style() -> None:
    assert not [path for path in TEMPLATES if INLINE.search(path.read_text())]


def test_the_rule_on_inline_code_sees_inline_code() -> None:
    samples = ('<p style="x">', "<style>", "<script>", '<a onclick="x()">', '<a href="javascript:x">')
    assert all(INLINE.search(sample) for sample in samples)
    assert not INLINE.search('<script type="module" src="/a.js"></script>')


def test_every_icon_that_a_template_names_is_drawn() -> None:
    assert not {name for path in TEMPLATES for name in ICON.findall(path.read_text())} - ICONS


def classes(text: str) -> set[str]:
    """Classes that a template names whole; of `notice-{{ tone }}` only the page that is made of it knows which it is."""
    words = [word.split("\0") for value in CLASSES.findall(TAG.sub("\0", text)) for word in value.split()]
    return {part for parts in words if not parts[0].endswith("-") for part in parts if part}


def test_every_class_of_a_template_has_a_style_or_a_script() -> None:
    homes = [path for home in (STATIC, *ROOT.glob("*/static"), *ROOT.glob("methods/kinds/*/static")) for path in home.rglob("*")]
    known = {name for path in homes if path.suffix == ".css" for name in CLASS_STYLED.findall(path.read_text())}
    scripts = "".join(path.read_text() for path in homes if path.suffix == ".js")
    ours = [path for path in TEMPLATES if "admin" not in path.parts]  # the admin site has style sheets of its own
    unknown = {name: path.name for path in ours for name in classes(path.read_text()) - known if f".{name}" not in scripts}
    assert unknown == {}


def test_the_rule_on_classes_sees_classes() -> None:
    text = '<a class="button {% if x %}button-a{% else %}button-b{% endif %}"><p class="row{% if y %} row-new{% endif %} tone-{{ tone }}">'
    assert classes(text) == {"button", "button-a", "button-b", "row", "row-new"}


def test_every_style_sheet_and_script_is_loaded_by_every_page() -> None:
    assets = (ROOT / "templates" / "components" / "assets.html").read_text()
    loaded = set(re.findall(r"\{% static '([^']+)' %\}", assets))
    ours = {str(path.relative_to(STATIC)) for path in (*STYLES, *SCRIPTS)}
    assert loaded - ours == {"vendor/bootstrap/bootstrap.min.css"}
    assert ours <= loaded


def test_style_sheets_scripts_and_templates_stay_small() -> None:
    limits = [(STYLES, NARROW_STYLES), (SCRIPTS, NARROW_SCRIPTS), (TEMPLATES, NARROW_TEMPLATES)]
    assert not [path.name for paths, limit in limits for path in paths if lines(path) > limit]


def test_every_custom_property_that_is_used_is_defined() -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    defined = set(re.findall(r"(--[a-z0-9-]+):", tokens)) | set(re.findall(r"(--bs-[a-z0-9-]+)", "".join(p.read_text() for p in STYLES)))
    used = {name for path in STYLES for name in re.findall(r"var\((--[a-z0-9-]+)", path.read_text())}
    assert used <= defined
