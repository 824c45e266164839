"""Whom a caller could mean by what they say of their device."""

from methods.registry import kinds


def owners(text: str) -> list[int]:
    """Primary keys of accounts, each once; one query for each sort of device that can be meant by `text`."""
    models = dict.fromkeys(kind.device_model for kind in kinds())
    return list(dict.fromkeys(owner for model in models for owner in model.owners(text)))
