"""The reason for what staff do, as somebody else reads it later."""

import pytest
from django.core.exceptions import ValidationError

from accounts.reasons import ReasonField
from campaigns.forms import MoveForm
from policies.pages.forms import ReasonForm as SwitchingForm
from policies.pages.outages import AskForm


def test_it_is_read_in_the_order_in_which_it_was_written() -> None:
    assert ReasonField().clean(" lost\u202e \x07phone\n\u2066twice ") == "lost phone\ntwice"


@pytest.mark.parametrize("empty", ["", "  ", "\u202e\x00", None])
def test_it_needs_a_word(empty: str | None) -> None:
    with pytest.raises(ValidationError, match="Write down why"):
        ReasonField().clean(empty)


@pytest.mark.parametrize("form", [MoveForm, SwitchingForm, AskForm])
def test_whatever_a_second_person_decides_on_has_one(form: type) -> None:
    assert isinstance(form.base_fields["reason"], ReasonField)  # type: ignore[attr-defined]
