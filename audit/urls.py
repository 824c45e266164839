from django.urls import path

from audit import seal_views, views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("seals/", seal_views.seals, name="seals"),
    path("<uuid:uid>/", views.event, name="event"),
    path("<uuid:uid>/proof/", seal_views.proof, name="proof"),
    path("<uuid:uid>/proof/file/", seal_views.proof_file, name="proof-file"),
]
