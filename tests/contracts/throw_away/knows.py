"""What the contract tests have to know of the throw-away kind; a plugin of pytest, so that it comes before them."""


def pytest_collection() -> None:
    from methods.kinds.paper.kind import code_of  # noqa: PLC0415  the settings come first
    from methods.kinds.paper.models import PaperDevice, new_card  # noqa: PLC0415
    from tests.contracts import knowing  # noqa: PLC0415

    knowing.DEVICES["paper"] = lambda knows, account: new_card(account)
    knowing.ANSWERS[PaperDevice] = lambda knows, device, challenge: code_of(device)
