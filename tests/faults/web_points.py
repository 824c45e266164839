"""The named points in the web processes of the harness: in the middle of a verb, between its commit and the answer, and after that."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from policies import applications
from tests.faults import breaking  # noqa: F401  whatever is broken on purpose
from tests.faults.orders import around, reach

around(applications, "plan", before="in-the-verb", after="in-the-verb")


class AroundTheAnswer:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST":
            reach("before-the-answer")
            response._resource_closers.append(lambda: reach("after-the-answer"))  # called by the server when all was sent
        return response
