#!/usr/bin/env python
"""Django's command line; `mfaadmin.settings.demo` unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command; settings that cannot be used are a sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfaadmin.settings.demo")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None


if __name__ == "__main__":
    main()
