from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("<uuid:uid>/", views.event, name="event"),
]
