"""The Authenticator: our own app on people's phones."""

from mfaadmin.settings.environment import env

MFA_AUTHENTICATOR_NAME = env.text("MFA_AUTHENTICATOR_NAME", "Authenticator", "Name of the authenticator app on screen.")
MFA_AUTHENTICATOR_ANDROID_URL = env.text(
    "MFA_AUTHENTICATOR_ANDROID_URL",
    "",
    "Address of the app in Google Play, if the institution publishes it there; empty means its page on this site.",
)
MFA_AUTHENTICATOR_IOS_URL = env.text(
    "MFA_AUTHENTICATOR_IOS_URL",
    "",
    "Address of the app in App Store, if the institution publishes it there; empty means its page on this site.",
)
MFA_PUSH_NUMBER_DIGITS = env.number(
    "MFA_PUSH_NUMBER_DIGITS", 2, "How many digits of number matching are typed into the app: 2, or 6 as SP 800-63B-4 asks at AAL2."
)
MFA_PUSH_HOSTS = env.words(
    "MFA_PUSH_HOSTS",
    ["fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"],
    "Hosts of push services that may be called; a leading dot means every host below.",
)
