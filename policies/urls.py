from django.urls import URLPattern, URLResolver, path

from policies import board_views, restore_views
from policies.pages import draft, overview, parts, trying

app_name = "policies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("begin/", overview.start, name="begin"),
    path("discard/", overview.throw_away, name="discard"),
    path("decide/<int:number>/approve/", overview.approved, name="approve"),
    path("decide/refuse/", overview.turned_down, name="refuse"),
    path("versions/", overview.versions, name="versions"),
    path("versions/<int:number>/", overview.version, name="version"),
    path("versions/<int:number>/bring-back/", overview.bring_back, name="bring-back"),
    path("draft/", draft.page, name="draft"),
    path("draft/rules/new/<str:part>/", draft.new_rule, name="new-rule"),
    path("draft/rules/<str:rule_id>/", draft.rule, name="rule"),
    path("draft/rules/<str:rule_id>/move/<str:way>/", draft.move, name="move-rule"),
    path("draft/rules/<str:rule_id>/remove/", draft.remove_rule, name="remove-rule"),
    path("draft/preset/<str:name>/", draft.preset, name="preset"),
    path("draft/networks/<str:network>/", parts.network, name="network"),
    path("draft/networks/<str:network>/remove/", parts.remove_network, name="remove-network"),
    path("draft/groups/<str:group>/", parts.group, name="group"),
    path("draft/groups/<str:group>/remove/", parts.remove_group, name="remove-group"),
    path("draft/switch-on/", draft.switching, name="switch-on"),
    path("what-if/", trying.asking, name="what-if"),
    path("dry-run/", trying.dry_run, name="dry-run"),
    path("dry-run/begin/", trying.begin_dry_run, name="begin-dry-run"),
    path("dry-run/progress/", trying.progress, name="dry-run-progress"),
    path("dry-run/<uuid:uid>/stop/", trying.stop_dry_run, name="stop-dry-run"),
    path("dry-run/<uuid:uid>/resume/", trying.resume_dry_run, name="resume-dry-run"),
    path("dry-run/<uuid:uid>/list/", trying.found_list, name="dry-run-list"),
    path("systems/", board_views.systems, name="systems"),
    path("restore/", restore_views.restore, name="restore"),
    path("restore/compare/", restore_views.compare_all, name="compare-systems"),
    path("restore/confirm/", restore_views.confirm, name="confirm-site"),
    path("systems/<slug:code>/", board_views.system, name="system"),
    path("systems/<slug:code>/stop/", board_views.stop, name="stop-system"),
    path("systems/<slug:code>/resume/", board_views.go_on, name="resume-system"),
]
