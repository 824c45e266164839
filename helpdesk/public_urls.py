from django.urls import path

from helpdesk import form_views, stop_views

app_name = "help"
urlpatterns = [
    path("cannot-sign-in/", form_views.cannot_sign_in, name="cannot-sign-in"),
    path("stop/<str:signed>/", stop_views.stop, name="stop"),
]
