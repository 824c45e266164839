"""What the connected systems can do with methods, for the floor of the methods (S-14)."""

from methods.eligibility import Ability
from policies.models import ConnectedSystem


def names_of_systems(ability: Ability, *, able: bool) -> list[str]:
    """Names, in the reader's language, of the enabled systems that are, or are not, able."""
    return [str(system) for system in ConnectedSystem.objects.filter(**{"enabled": True, ability.value: able})]
