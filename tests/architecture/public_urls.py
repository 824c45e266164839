"""The pages that need no session. Whoever adds one adds it here, where a reviewer sees it."""

OPEN_TO_EVERYBODY = {
    "",
    "authenticator/",
    "authenticator/manifest.json",
    "authenticator/worker.js",
    "address/",
    "cannot-sign-in/",
    "guide/",
    "guide/choose/",
    "healthz",
    "language/",
    "readyz",
    "signin/",
    "signin/password/",
    "signin/refused/",
    "signout/",
    "stop/<str:signed>/",
}
# Called by the app on a phone, which signs each request with its own key; pairing asks for the code that the person's browser shows.
OPEN_TO_EVERYBODY |= {
    "authenticator/api/answer",
    "authenticator/api/pair",
    "authenticator/api/requests",
    "authenticator/api/subscribe",
}
# Open to a browser with a living sign-in attempt, whose evidence the page judges itself. Everybody else is sent to the door.
AT_THE_DOOR = {
    "signin/continue/",
    "signin/counter/",
    "signin/counter/take/",
    "signin/counter/waiting/",
    "signin/finish/",
    "signin/more-information/",
    "signin/number/",
    "signin/verify/",
    "signin/verify/options/",
    "signin/verify/resend/",
    "signin/verify/use/<uuid:method_id>/",
    "signin/verify/waiting/<uuid:challenge_id>/",
}
# Open to a browser that the door has sent to register a first method, and to signed-in people with fresh proof.
TO_REGISTER = {
    "security-info/add/",
    "security-info/app-password/",
    "security-info/app/",
    "security-info/email/",
    "security-info/email/confirm/",
    "security-info/email/resend/",
    "security-info/fido/",
    "security-info/fido/key/",
    "security-info/phone/",
    "security-info/phone/alternate/",
    "security-info/phone/confirm/",
    "security-info/phone/office/",
    "security-info/phone/preview/<slug:slot>/",
    "security-info/phone/resend/",
    "security-info/push/",
    "security-info/push/ask/",
    "security-info/push/open/",
    "security-info/push/pair/",
    "security-info/push/paired/",
    "security-info/push/try/",
    "security-info/totp/",
    "security-info/totp/scan/",
    "security-info/waiting/<uuid:challenge_id>/",
}
# Open to a connected system or a collector with its own secret, which the view judges itself. Everybody else is told no.
TO_SYSTEMS = {
    "api/app-passwords/check",
    "metrics",
}
# Open to a machine whose signature the view judges itself, before it reads or changes anything. Everybody else is told no.
SIGNED = {
    "hooks/twilio/calls/<str:token>/answered/",
    "hooks/twilio/calls/<str:token>/ended/",
    "hooks/twilio/calls/<str:token>/keys/",
    "hooks/twilio/calls/<str:token>/listen/",
    "hooks/twilio/texts/<str:token>/",
}
