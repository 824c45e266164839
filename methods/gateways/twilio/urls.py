"""What Twilio calls, below /hooks/twilio/."""

from django.urls import path

from methods.gateways.twilio import callbacks

app_name = "twilio"
urlpatterns = [
    path("calls/<str:token>/answered/", callbacks.answered, name="answered"),
    path("calls/<str:token>/listen/", callbacks.listen, name="listen"),
    path("calls/<str:token>/keys/", callbacks.keys, name="keys"),
    path("calls/<str:token>/ended/", callbacks.ended, name="ended"),
    path("texts/<str:token>/", callbacks.text, name="text"),
]
