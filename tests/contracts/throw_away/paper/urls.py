from django.urls import path

from methods.kinds.paper import views

app_name = "paper"
urlpatterns = [path("", views.setup, name="setup"), path("card/", views.card, name="card")]
