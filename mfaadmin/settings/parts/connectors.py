"""How connected systems may be reached; the systems themselves are data."""

from mfaadmin.settings.environment import env

MFA_CONNECTORS = [
    "policies.connectors.local.LocalConnector",
    "policies.connectors.webhook.WebhookConnector",
    "policies.connectors.ldap.LdapConnector",
    "policies.connectors.scim.ScimConnector",
    "policies.connectors.graph.GraphConnector",
    "policies.connectors.csv_drop.CsvDropConnector",
]
MFA_OUTGOING_HOSTS = env.words(
    "MFA_OUTGOING_HOSTS", [], "Hosts that connected systems may be on (*.example.ac.jp: all below); empty means every public one."
)
MFA_PRIVATE_HOSTS = env.words(
    "MFA_PRIVATE_HOSTS",
    [],
    "Hosts (name or name:port) and networks (CIDR) on private or loopback addresses that connected systems may be on all the same.",
)
MFA_DROP_FOLDERS = env.words("MFA_DROP_FOLDERS", [], "Folders in which files may be left for systems that only read files.")
