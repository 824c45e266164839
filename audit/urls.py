from django.urls import path

from audit import event_views, note_views, seal_views, views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("accounts/<str:common_id>/", views.timeline, name="timeline"),
    path("views/save/", note_views.save_view, name="save-view"),
    path("views/<int:number>/remove/", note_views.remove_view, name="remove-view"),
    path("<uuid:uid>/numbers/", note_views.reveal, name="reveal"),
    path("seals/", seal_views.seals, name="seals"),
    path("<uuid:uid>/", event_views.event, name="event"),
    path("<uuid:uid>/proof/", seal_views.proof, name="proof"),
    path("<uuid:uid>/proof/file/", seal_views.proof_file, name="proof-file"),
]
