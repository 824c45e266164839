from django.urls import path

from methods.kinds.fido import views

app_name = "fido"
urlpatterns = [
    path("", views.setup, name="setup"),
    path("key/", views.key, name="key"),
]
