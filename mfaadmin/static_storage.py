"""Static files under names that tell their content, also where one of our scripts imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORTS = (r"""(?P<matched>from\s*["'](?P<url>\./[^"']+)["'])""", 'from "%(url)s"')


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is untyped
    """Rewrites imports between our modules, so that a browser never mixes two releases; other people's scripts stay as they are."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("push/js/*.js", (IMPORTS,)))
