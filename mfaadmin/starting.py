"""What every process of a deployment asks before it begins: with settings that cannot work it does not start (R-191)."""

from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured


def refuse_errors() -> None:
    """ImproperlyConfigured, with a sentence for each error that `manage.py check --deploy` would name.

    The database is not asked: a site whose database is down starts, and says so at /readyz.
    """
    if not settings.DEPLOYED:
        return
    errors = [one for one in run_checks(include_deployment_checks=True) if one.is_serious() and not one.is_silenced()]
    if errors:
        raise ImproperlyConfigured("The settings cannot work.\n  - " + "\n  - ".join(f"{one.msg} ({one.id})" for one in errors))
