from django.urls import URLPattern, URLResolver, path

from campaigns.pages import drafts, lists, overview

app_name = "campaigns"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("new/", drafts.new, name="new"),
    path("never-applied/", lists.never_applied, name="never-applied"),
    path("never-applied.csv", lists.never_applied_file, name="never-applied-file"),
    path("<uuid:uid>/", overview.campaign, name="campaign"),
    path("<uuid:uid>/change/", drafts.change, name="change"),
    path("<uuid:uid>/discard/", drafts.discarded, name="discard"),
    path("<uuid:uid>/move/", drafts.moved, name="move"),
    path("<uuid:uid>/ask/<str:wish>/", drafts.asked, name="ask"),
    path("<uuid:uid>/approve/", drafts.approved, name="approve"),
    path("<uuid:uid>/refuse/", drafts.refused, name="refuse"),
    path("<uuid:uid>/unfinished.csv", lists.unfinished_file, name="unfinished-file"),
]
