#!/usr/bin/env python
"""Django's command line; `mfaadmin.settings.demo` unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfaadmin.settings.demo")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
