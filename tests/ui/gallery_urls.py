"""The site map with the gallery, which only the demo settings show."""

from django.urls import path

from demo.gallery import gallery, gallery_focus
from mfaadmin.urls import handler400, handler403, handler404, handler500
from mfaadmin.urls import urlpatterns as site_map

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [path("gallery/", gallery), path("gallery/focus/", gallery_focus), *site_map]
