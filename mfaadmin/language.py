"""One switch for the language: a cookie for this browser, and the account's own when signed in (S-139)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from accounts.access import public
from accounts.models import Account


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch, and go back to the page the switch was on."""
    code = request.POST.get("language", "")
    if isinstance(request.user, Account) and code in dict(settings.LANGUAGES):
        Account.objects.filter(pk=request.user.pk).update(language=code, language_chosen=True)
    response: HttpResponse = django_set_language(request)
    return response
