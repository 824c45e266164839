"""The site of the benchmarks: the demo's settings, and connected systems on an address of their own."""

import os

from mfaadmin.settings.demo import *  # noqa: F403

MFA_PRIVATE_HOSTS = os.environ["MFA_PRIVATE_HOSTS"].split(",")
