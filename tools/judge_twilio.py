"""Let an independent judge look at what the gateway asks of Twilio: a mock server made from Twilio's own OpenAPI description.

`python tools/judge_twilio.py http://127.0.0.1:4010`, with Prism (npm, @stoplight/prism-cli) serving `twilio_api_v2010.json` there. Each array in
a form needs an `encoding` of style "form" in the description first; Prism refuses all of them otherwise.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "mfaadmin.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from phonenumber_field.phonenumber import PhoneNumber  # noqa: E402

from methods.gateways.base import MaybeSent, NotSent  # noqa: E402
from methods.gateways.twilio.client import TwilioGateway, _client  # noqa: E402


def main(address: str) -> int:
    """Print what the judge says of each request; 1 when it refuses one that is right, or accepts one that is wrong."""
    settings.TWILIO_API_BASE = address
    number = PhoneNumber.from_string("+819012345678")
    extension = PhoneNumber.from_string("tel:+81-3-5842-2000;ext=42")
    device, gateway = SimpleNamespace(number=number), TwilioGateway()
    requests: dict[str, tuple[bool, Callable[[], object]]] = {
        "a text": (True, lambda: gateway.send_sms(device, "012345")),
        "a text with a report": (True, lambda: gateway.send_reported(device, "012345", "token")),
        "a call": (True, lambda: gateway.place_call(number, "token")),
        "a call to an extension": (True, lambda: gateway.place_call(extension, "token")),
        "a call with a wrong type": (False, lambda: _client().calls.create(to="+819012345678", from_="+81300000000", timeout="soon")),
    }
    wrong = 0
    for name, (is_right, ask) in requests.items():
        try:
            said = f"accepted: {ask()}"
        except (NotSent, MaybeSent) as error:
            said = f"refused: {type(error).__name__} {error}"
        except Exception as error:  # noqa: BLE001  the client's own, for the request that is wrong
            said = f"refused: {error}".splitlines()[0]
        wrong += said.startswith("accepted") is not is_right
        print(f"{name:<28}{said}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
