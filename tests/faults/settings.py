"""The demo's settings for runs against a connected system of the harness, which is on an address of its own."""

import os

from mfaadmin.settings.demo import *  # noqa: F403

MFA_PRIVATE_HOSTS = os.environ["MFA_PRIVATE_HOSTS"].split(",")
