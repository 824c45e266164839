"""With which methods a session may be verified anew: those that a sign-in would accept now."""

from accounts.badge import Badged
from audit.context import where
from methods.models import RegisteredMethod
from methods.usable import listed, only_usable, phishing_resistant, strongest
from policies.current import current_book
from policies.facts import Circumstances, facts_for
from policies.requirements import decide


def needs_key(request: Badged, registered: list[RegisteredMethod]) -> bool:
    """Whether a security key or passkey is asked of this person, from here and now."""
    book = current_book()
    return decide(facts_for(request.user, registered, book, Circumstances(sensitive=True, address=where().address)), book).strong


def answerable(request: Badged) -> list[RegisteredMethod]:
    """The methods of the person that are strong enough, the default first."""
    registered = listed(request.user)
    methods = only_usable(registered)
    if methods and needs_key(request, registered):
        return phishing_resistant(methods)
    return strongest(methods) if request.powers.rank else methods
