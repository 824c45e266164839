"""Pages of the methods: the choice, then each kind's own."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from methods import carrier_views, views
from methods.registry import kind_apps

app_name = "methods"
urlpatterns: list[URLPattern | URLResolver] = [
    path("add/", views.choose, name="choose"),
    path("app/", views.start_app, name="start-app"),
    path("waiting/<uuid:challenge_id>/", views.waiting, name="waiting"),
    path("default/", views.change_default, name="change-default"),
    path("methods/<uuid:method_id>/device/", carrier_views.carrier, name="carrier"),
    path("methods/<uuid:method_id>/change/", views.change, name="change"),
    path("methods/<uuid:method_id>/delete/", views.delete, name="delete"),
]
urlpatterns += [path(f"{name.rpartition('.')[2].replace('_', '-')}/", include(import_module(f"{name}.urls"))) for name in kind_apps()]
