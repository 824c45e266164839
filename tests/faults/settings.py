"""The site of the harness: the demo's settings, connected systems on an address of their own, hook points, and a clock that may be wrong."""

import os
from datetime import datetime, timedelta

from mfaadmin.settings.demo import *  # noqa: F403

MFA_PRIVATE_HOSTS = os.environ["MFA_PRIVATE_HOSTS"].split(",")
CELERY_IMPORTS = ["tests.faults.points", "tests.faults.breaking"]
MIDDLEWARE = ["tests.faults.web_points.AroundTheAnswer", *MIDDLEWARE]  # noqa: F405
if hours := float(os.environ.get("FAULT_CLOCK_HOURS", "0")):
    import time_machine

    time_machine.travel(datetime.now().astimezone() + timedelta(hours=hours), tick=True).start()
