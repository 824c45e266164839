"""The site map. Each app has its own page of it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from mfaadmin import health
from mfaadmin.language import set_language
from mfaadmin.metrics.page import metrics

handler400 = "mfaadmin.errors.bad_request"
handler403 = "mfaadmin.errors.forbidden"
handler404 = "mfaadmin.errors.not_found"
handler500 = "mfaadmin.errors.server_error"

urlpatterns = [
    path("", include("selfservice.urls")),
    path("", include("signin.urls")),
    path("security-info/", include("methods.urls")),
    path("authenticator/", include("methods.kinds.push.app_urls")),
    path("campaign/", include("campaigns.holder_urls")),
    path("policies/campaigns/", include("campaigns.urls")),
    path("policies/", include("policies.urls")),
    path("helpdesk/", include("helpdesk.urls")),
    path("", include("helpdesk.public_urls")),
    path("audit/", include("review.urls")),
    path("audit/", include("audit.urls")),
    path("hooks/twilio/", include("methods.gateways.twilio.urls")),
    path("api/app-passwords/", include("methods.kinds.app_password.api_urls")),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
]
if getattr(settings, "DEMO", False):
    urlpatterns.append(path("demo/", include("demo.urls")))
