"""`python tools/templates.py`: every template compiles, and what it extends or includes by name exists."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode

from tools.messages import ROOT, templates


def _names(template: Any) -> Iterator[str]:
    extended = [node.parent_name for node in template.nodelist.get_nodes_by_type(ExtendsNode)]
    included = [node.template for node in template.nodelist.get_nodes_by_type(IncludeNode)]
    yield from (expression.var for expression in extended + included if isinstance(expression.var, str))


def problems() -> Iterator[str]:
    """One line for each template that does not compile or asks for one that does not."""
    for path in templates():
        name = str(path.relative_to(ROOT))
        try:
            template: Any = engines["django"].from_string(path.read_text())
            for wanted in _names(template.template):
                get_template(wanted)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            yield f"{name}: {type(error).__name__} {error}"


def main() -> int:
    """Print the problems."""
    django.setup()
    found = list(problems())
    print("\n".join(found) or "every template compiles")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
