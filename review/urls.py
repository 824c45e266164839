from django.urls import path

from review import finding_views, report_views, threshold_views

app_name = "review"
urlpatterns = [
    path("report/", report_views.report, name="report"),
    path("report/method-changes.<slug:form>", report_views.report_file, name="report-file"),
    path("exports/", report_views.listed, name="exports"),
    path("exports/events.csv", report_views.events_file, name="events-file"),
    path("exports/<uuid:export_id>/signature/", report_views.signature, name="signature"),
    path("findings/", finding_views.listed, name="findings"),
    path("findings/search/", finding_views.search, name="search"),
    path("findings/search/progress/", finding_views.progress, name="search-progress"),
    path("findings/search/stop/", finding_views.stop_search, name="stop-search"),
    path("findings/search/resume/", finding_views.resume_search, name="resume-search"),
    path("findings/thresholds/", threshold_views.thresholds, name="thresholds"),
    path("findings/thresholds/<slug:detector>/", threshold_views.change, name="change-thresholds"),
    path("findings/<uuid:finding_id>/", finding_views.finding, name="finding"),
    path("findings/<uuid:finding_id>/remark/", finding_views.remark, name="remark"),
    path("findings/<uuid:finding_id>/close/", finding_views.close, name="close"),
]
