"""The form of a page on which nothing is entered: the phone answers, the person goes on."""

from django import forms


class GoOnForm(forms.Form):
    """No field: the number is typed into the app alone."""
