"""What connected systems call, at /api/app-passwords/."""

from django.urls import path

from methods.kinds.app_password import api

app_name = "app-passwords"
urlpatterns = [path("check", api.check, name="check")]
