from django.urls import path

from helpdesk import stop_views

app_name = "help"
urlpatterns = [
    path("stop/<str:signed>/", stop_views.stop, name="stop"),
]
