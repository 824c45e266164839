"""The installable app and what it calls, at /authenticator/."""

from django.urls import path

from methods.kinds.push import api, app

app_name = "authenticator"
urlpatterns = [
    path("", app.page, name="app"),
    path("manifest.json", app.manifest, name="manifest"),
    path("worker.js", app.worker, name="worker"),
    path("api/pair", api.pair, name="pair"),
    path("api/requests", api.asked, name="requests"),
    path("api/answer", api.answer, name="answer"),
    path("api/subscribe", api.subscribe, name="subscribe"),
]
