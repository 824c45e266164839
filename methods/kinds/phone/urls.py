from django.urls import path

from methods.kinds.phone import views

app_name = "phone"
urlpatterns = [
    path("", views.setup, name="setup"),
    path("alternate/", views.setup_alternate, name="setup-alternate"),
    path("office/", views.setup_office, name="setup-office"),
    path("preview/<slug:slot>/", views.preview, name="preview"),
    path("confirm/", views.confirm, name="confirm"),
    path("resend/", views.resend, name="resend"),
]
