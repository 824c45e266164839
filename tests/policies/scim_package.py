"""What the packages scim2-models and scim2-server make of a user with our attribute."""

from typing import Any

from scim2_models import Schema, ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import load_default_resource_types, load_default_schemas, load_default_service_provider_config


def _schema(extension: str) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": extension,
        "name": "MfaUser",
        "attributes": [
            {
                "name": "mfaRequired",
                "type": "boolean",
                "multiValued": False,
                "required": False,
                "mutability": "readWrite",
                "returned": "default",
            }
        ],
    }


def _provider(extension: str) -> ScimProvider:
    types = load_default_resource_types()
    schemas = [*load_default_schemas().values(), Schema.model_validate(_schema(extension))]
    described = [one.model_dump() for one in types.values()]
    for one in described:
        if one["name"] == "User":
            one["schemaExtensions"] = [*one.get("schemaExtensions", []), {"schema": extension, "required": False}]
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    kind = type(next(iter(types.values())))
    return ScimProvider.from_discovery(schemas, [kind.model_validate(one) for one in described], config=config)


def application(extension: str, token: str) -> BearerTokenApplication:
    """A server in memory whose users have the attribute of this extension, for whoever has the token."""
    provider = _provider(extension)
    return BearerTokenApplication(InMemoryStorage(), provider, bearer_tokens=[token])
