"""With which methods a session may be verified anew: those that a sign-in would accept now."""

from accounts.badge import Badged
from audit.context import where
from methods.models import RegisteredMethod
from methods.usable import for_sign_in, listed, only_usable, phishing_resistant, strongest
from policies.facts import Circumstances, facts_now
from policies.requirements import decide


def needs_key(request: Badged, registered: list[RegisteredMethod]) -> bool:
    """Whether a security key or passkey is asked of this person, from here and now."""
    return decide(*facts_now(request.user, registered, Circumstances(sensitive=True, address=where().address))).strong


def answerable(request: Badged) -> list[RegisteredMethod]:
    """The methods of the person that are strong enough, the default first."""
    registered = listed(request.user)
    strong = bool(for_sign_in(registered)) and needs_key(request, registered)
    methods = only_usable(registered)
    if strong:
        return phishing_resistant(methods)
    return strongest(methods) if request.powers.rank else methods
