from django.urls import path

from methods.kinds.push import views

app_name = "push"
urlpatterns = [
    path("", views.setup, name="setup"),
    path("open/", views.open_app, name="open"),
    path("pair/", views.pair, name="pair"),
    path("paired/", views.paired, name="paired"),
    path("ask/", views.ask, name="ask"),
    path("try/", views.try_out, name="try"),
]
