"""Campaigns go by days: tests of them stand at noon, and move on by whole days."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime.now(TOKYO).replace(hour=12, minute=0, second=0, microsecond=0)


def on(days: int, hour: int = 12) -> Any:
    """Within the block it is that hour, so many days from now."""
    return time_machine.travel(NOON.replace(hour=hour) + timedelta(days=days), tick=False)
