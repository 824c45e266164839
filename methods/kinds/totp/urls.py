from django.urls import path

from methods.kinds.totp import views

app_name = "totp"
urlpatterns = [
    path("", views.setup, name="setup"),
    path("scan/", views.scan, name="scan"),
]
