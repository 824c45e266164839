from django.urls import path

from helpdesk import action_views, caller_views, case_views, delivery_views, exception_views, report_views, termination_views, views

app_name = "helpdesk"
urlpatterns = [
    path("", views.search, name="search"),
    path("accounts/<str:common_id>/", views.account, name="account"),
    path("accounts/<str:common_id>/unlock/", action_views.unlock, name="unlock"),
    path("accounts/<str:common_id>/lock/", action_views.lock, name="lock"),
    path("accounts/<str:common_id>/sessions/<uuid:session_id>/end/", action_views.end_session, name="end-session"),
    path("accounts/<str:common_id>/require-reregistration/", action_views.require_reregistration, name="require-reregistration"),
    path("accounts/<str:common_id>/request-termination/", action_views.request_termination, name="request-termination"),
    path("accounts/<str:common_id>/reports/<uuid:report_id>/settle/", action_views.settle_report, name="settle-report-of"),
    path("accounts/<str:common_id>/open-case/", case_views.opened, name="open-case"),
    path("accounts/<str:common_id>/ask-caller/", caller_views.ask, name="ask-caller"),
    path("proofs/<int:proof_id>/judge/", caller_views.judge, name="judge-proof"),
    path("proofs/<int:proof_id>/waiting/", caller_views.waiting, name="waiting-proof"),
    path("proofs/<int:proof_id>/attest/", caller_views.attest, name="attest-proof"),
    path("confirmations/", caller_views.confirmations, name="confirmations"),
    path("cases/", case_views.listed, name="cases"),
    path("cases/<str:number>/", case_views.one, name="case"),
    path("cases/<str:number>/take/", case_views.taken, name="take-case"),
    path("cases/<str:number>/note/", case_views.noted, name="note-case"),
    path("cases/<str:number>/close/", case_views.closed, name="close-case"),
    path("reports/", report_views.listed, name="reports"),
    path("reports/<uuid:report_id>/settle/", report_views.settled, name="settle-report"),
    path("deliveries/", delivery_views.listed, name="deliveries"),
    path("deliveries/<uuid:delivery_id>/retry/", delivery_views.retry, name="retry-delivery"),
    path("deliveries/<uuid:delivery_id>/settle/", delivery_views.settle, name="settle-delivery"),
    path("exceptions/", exception_views.listed, name="exceptions"),
    path("wishes/<uuid:wish_id>/decline/", termination_views.decline_wish, name="decline-wish"),
    path("terminations/", termination_views.listed, name="terminations"),
    path("terminations/<uuid:termination_id>/approve/", termination_views.approve, name="approve-termination"),
    path("terminations/<uuid:termination_id>/refuse/", termination_views.refuse, name="refuse-termination"),
]
