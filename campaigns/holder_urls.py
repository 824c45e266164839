from django.urls import URLPattern, URLResolver, path

from campaigns.pages import asked

app_name = "asked"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", asked.page, name="page"),
    path("later/", asked.later, name="later"),
]
