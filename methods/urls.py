"""Pages of the methods: the choice, then each kind's own."""

from importlib import import_module

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from methods import views
from methods.registry import kinds

app_name = "methods"
urlpatterns: list[URLPattern | URLResolver] = [
    path("add/", views.choose, name="choose"),
    path("app/", views.start_app, name="start-app"),
    path("default/", views.change_default, name="change-default"),
    path("methods/<uuid:method_id>/change/", views.change, name="change"),
    path("methods/<uuid:method_id>/delete/", views.delete, name="delete"),
]
for _kind in kinds():
    _app = apps.get_containing_app_config(_kind.device_model.__module__)
    if _app is not None:
        urlpatterns.append(path(f"{_kind.code}/", include(import_module(f"{_app.name}.urls"))))
