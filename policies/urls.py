from django.urls import URLPattern, URLResolver, path

from policies import board_views, restore_views

app_name = "policies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("systems/", board_views.systems, name="systems"),
    path("restore/", restore_views.restore, name="restore"),
    path("restore/compare/", restore_views.compare_all, name="compare-systems"),
    path("restore/confirm/", restore_views.confirm, name="confirm-site"),
    path("systems/<slug:code>/", board_views.system, name="system"),
    path("systems/<slug:code>/stop/", board_views.stop, name="stop-system"),
    path("systems/<slug:code>/resume/", board_views.go_on, name="resume-system"),
]
