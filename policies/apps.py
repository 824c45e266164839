from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    """What is required and since when; applications and their propagation."""

    name = "policies"
    verbose_name = _("Policies")

    def ready(self) -> None:
        import policies.refusals_of_policies  # noqa: F401  its sentences join the table
        from audit.terms import name_by
        from methods.allowance import Rules
        from methods.allowance import hand_down as hand_down_allowances
        from methods.callers import judged_by
        from methods.eligibility import hand_down
        from methods.whereabouts import named_by
        from policies import allowances
        from policies.abilities import names_of_systems
        from policies.callers import judge
        from policies.checks import check_settings
        from policies.explaining import data_words
        from policies.networks import is_shared, name_of
        from policies.systems import ensure_local

        name_by("rule", data_words)
        hand_down(names_of_systems)
        hand_down_allowances(Rules(allowances.of_account, allowances.of_everybody))
        judged_by(judge)
        named_by(name_of, shared=is_shared)
        register(check_settings)
        post_migrate.connect(ensure_local, sender=self)
