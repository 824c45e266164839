from django.urls import path

from methods.kinds.app_password import views

app_name = "app_password"
urlpatterns = [path("", views.setup, name="setup")]
