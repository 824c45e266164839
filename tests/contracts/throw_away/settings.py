"""The settings of the tests, with one kind more: its folder lies here, and the last line is all that the site has to be told."""

from pathlib import Path

import methods.kinds
from mfaadmin.settings.test import *  # noqa: F403
from mfaadmin.settings.test import INSTALLED_APPS

methods.kinds.__path__.append(str(Path(__file__).parent))  # as if the folder lay beside the others
INSTALLED_APPS = [*INSTALLED_APPS, "methods.kinds.paper"]
