"""What a key or passkey is called when its owner gives it no name: the few models and providers that most people have."""

import uuid

MODELS = {
    "YubiKey 5": (
        "cb69481e-8ff7-4039-93ec-0a2729a154a8",
        "ee882879-721c-4913-9775-3dfcce97072a",
        "fa2b99dc-9e39-4257-8f92-4a30d23c4118",
        "2fc0579f-8113-47ea-b116-bb5a8db9202a",
        "c5ef55ff-ad9a-4b9f-b580-adebafe026d0",
        "73bb0cd4-e502-49b8-9c6f-b59445bf720b",
    ),
    "YubiKey Bio": ("d8522d9f-575b-4866-88a9-ba99fa02f35b",),
    "Security Key by Yubico": (
        "b92c3f9a-c014-4056-887f-140a2501163b",
        "f8a011f3-8c0a-4d15-8006-17111f9edc7d",
        "6d44ba9b-f6ec-2e49-b930-0c8fe920cb73",
        "149a2021-8ef6-4133-96b8-81f8d5b7f1f5",
    ),
    "iCloud Keychain": ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "dd4ec289-e01d-41c9-bb89-70fa845d4bf2"),
    "Google Password Manager": ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",),
    "Windows Hello": (
        "08987058-cadc-4b81-b6e1-30de50dcbe96",
        "9ddd1817-af5a-4672-a2b9-3e3dd95000a9",
        "6028b017-b1d4-4c02-b4b3-afcdafc96bb2",
    ),
    "Samsung Pass": ("53414d53-554e-4700-0000-000000000000",),
    "1Password": ("bada5566-a7aa-401f-bd96-45619a55120d",),
    "Bitwarden": ("d548826e-79b4-db40-a3d8-11116f7e8349",),
    "KeePassXC": ("fdb141b2-5d84-443e-8a35-4698c205a502",),
}
_by_aaguid = {uuid.UUID(aaguid): name for name, aaguids in MODELS.items() for aaguid in aaguids}


def product(aaguid: uuid.UUID | None) -> str:
    """The name of this model; nothing where it is not known. The key says so itself: a name, never a reason to trust."""
    return _by_aaguid.get(aaguid, "") if aaguid else ""
