"""Settings that cannot work, or must not stand before real accounts, are named at the start."""

from typing import Any

import pytest

from mfaadmin.checks import check_deployment, check_values


def ids(found: list[Any]) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TRUSTED_PROXIES", ["10.0.0.0/8", "proxy.example.ac.jp"], "mfaadmin.E002"),
        ("MFA_ACCOUNT_ID_PATTERN", r"(\d{10}", "mfaadmin.E003"),
        ("MFA_PHONE_COUNTRIES", ["JP", "JAPAN"], "mfaadmin.E004"),
        ("MFA_PHONE_COUNTRIES", [], "mfaadmin.E005"),
        ("MFA_INSTITUTION_NUMBER_PATTERN", "[0-9", "mfaadmin.E011"),
        ("MFA_BREAK_GLASS", ["0123456789", "emergency"], "mfaadmin.E013"),
        ("MFA_NETWORK_FAILURES", 9, "mfaadmin.E010"),
    ],
)
def test_a_value_that_cannot_work_stops_the_start(settings: Any, name: str, value: Any, expected: str) -> None:
    assert ids(check_values()) == []
    setattr(settings, name, value)
    assert ids(check_values()) == [expected]


def test_requests_are_never_one_transaction(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)
    assert ids(check_values()) == ["mfaadmin.E001"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"MFA_PUBLIC_URL": "http://mfa.example.ac.jp"}, "mfaadmin.E006"),
        ({"MFA_FIRST_REGISTRATION": "open"}, "mfaadmin.W001"),
        ({"MFA_CAMPUS_NETWORKS": []}, "mfaadmin.W002"),
        ({"TWILIO_CALLER_ID": ""}, "mfaadmin.W003"),
        ({"TWILIO_CALLER_ID": "", "TWILIO_MESSAGING_SERVICE_SID": "MG" + "1" * 32}, "mfaadmin.W004"),
        ({"TRUSTED_PROXIES": []}, "mfaadmin.W006"),
        ({"TRUSTED_PROXIES": ["10.0.0.0/8", "192.0.2.128/25"]}, "mfaadmin.W005"),
        ({"TRUSTED_PROXIES": ["2001:db8::/32"], "MFA_CAMPUS_NETWORKS": ["192.0.2.0/24", "2001:db8:1::/48"]}, "mfaadmin.W005"),
        ({"TRUSTED_PROXIES": ["192.0.2.0/30"], "MFA_CAMPUS_NETWORKS": ["192.0.2.3-192.0.2.20"]}, "mfaadmin.W005"),
    ],
)
def test_an_unsafe_mix_is_named_before_a_deployment(settings: Any, changes: dict[str, Any], expected: str) -> None:
    settings.MFA_FIRST_REGISTRATION, settings.MFA_CAMPUS_NETWORKS, settings.TRUSTED_PROXIES = "networks", ["192.0.2.0/24"], ["unix"]
    assert ids(check_deployment()) == []
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids(check_deployment()) == [expected]


@pytest.mark.parametrize("proxies", [["unix"], ["192.0.2.8/32", "192.0.2.9"], ["10.0.0.0/8", "2001:db8::/32"]])
def test_a_proxy_on_campus_or_networks_of_proxies_elsewhere_are_in_order(settings: Any, proxies: list[str]) -> None:
    settings.MFA_FIRST_REGISTRATION, settings.MFA_CAMPUS_NETWORKS = "networks", ["192.0.2.0/24"]
    settings.TRUSTED_PROXIES = proxies
    assert ids([*check_values(), *check_deployment()]) == []
