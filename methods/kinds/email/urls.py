from django.urls import path

from methods.kinds.email import views

app_name = "email"
urlpatterns = [
    path("", views.setup, name="setup"),
    path("confirm/", views.confirm, name="confirm"),
    path("resend/", views.resend, name="resend"),
]
