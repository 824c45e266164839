"""Why the demo does not start, in one sentence for the person at the keyboard."""


class CannotStart(Exception):
    """Its text is shown as it stands."""
