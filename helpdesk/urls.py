from django.urls import path

from helpdesk import (
    action_views,
    approval_views,
    board_views,
    bulk,
    bulk_views,
    caller_views,
    case_views,
    counter_views,
    delivery_views,
    exception_views,
    leaver_views,
    report_views,
    staff_views,
    termination_views,
    views,
)

app_name = "helpdesk"
ON_ACCOUNT = (
    "unlock",
    "lock",
    "issue-pass",
    "mail-guide",
    "end-sessions",
    "require-reregistration",
    "request-termination",
    "end-exception",
)
urlpatterns = [
    path("", views.search, name="search"),
    path("suggestions/", views.suggest, name="suggest"),
    path("accounts/<str:common_id>/", views.account, name="account"),
    *(path(f"accounts/<str:common_id>/{code}/", action_views.on_account(code), name=code) for code in ON_ACCOUNT),
    *(
        path(f"accounts/<str:common_id>/methods/<uuid:one>/{code}/", action_views.on_one(code, "method"), name=code)
        for code in ("suspend-method", "restore-method", "remove-method")
    ),
    path("accounts/<str:common_id>/sessions/<uuid:one>/end/", action_views.on_one("end-session", "session"), name="end-session"),
    path("accounts/<str:common_id>/reports/<uuid:report_id>/settle/", action_views.settle_report, name="settle-report-of"),
    path("accounts/<str:common_id>/open-case/", case_views.opened, name="open-case"),
    path("accounts/<str:common_id>/ask-caller/", caller_views.ask, name="ask-caller"),
    path("proofs/<int:proof_id>/judge/", caller_views.judge, name="judge-proof"),
    path("proofs/<int:proof_id>/waiting/", caller_views.waiting, name="waiting-proof"),
    path("proofs/<int:proof_id>/attest/", caller_views.attest, name="attest-proof"),
    path("confirmations/", caller_views.confirmations, name="confirmations"),
    path("counter/", counter_views.counter, name="counter"),
    path("counter/confirm/", counter_views.confirm, name="confirm-counter"),
    path("bulk/", bulk_views.listed, name="bulk"),
    path("bulk/new/", bulk_views.new, name="bulk-new"),
    path("bulk/<uuid:uid>/", bulk_views.one, name="bulk-job"),
    path("bulk/<uuid:uid>/progress/", bulk_views.progress, name="bulk-progress"),
    path("bulk/<uuid:uid>/result.csv", bulk_views.rows_csv, name="bulk-result"),
    *(
        path(f"bulk/<uuid:uid>/{name}/", bulk_views.step(name, right), name=f"bulk-{name}")
        for name, right in (("ask", bulk.ASK), ("approve", bulk.APPROVE), ("refuse", bulk.ASK), ("stop", bulk.ASK), ("resume", bulk.ASK))
    ),
    path("board/", board_views.board, name="board"),
    path("cases/", case_views.listed, name="cases"),
    path("cases/<str:number>/", case_views.one, name="case"),
    path("cases/<str:number>/take/", case_views.taken, name="take-case"),
    path("cases/<str:number>/note/", case_views.noted, name="note-case"),
    path("cases/<str:number>/close/", case_views.closed, name="close-case"),
    path("approvals/", approval_views.listed, name="approvals"),
    path("approvals/<int:approval_id>/approve/", approval_views.approve, name="approve"),
    path("approvals/<int:approval_id>/refuse/", approval_views.refuse, name="refuse"),
    path("reports/", report_views.listed, name="reports"),
    path("reports/<uuid:report_id>/settle/", report_views.settled, name="settle-report"),
    path("deliveries/", delivery_views.listed, name="deliveries"),
    path("deliveries/<uuid:delivery_id>/retry/", delivery_views.retry, name="retry-delivery"),
    path("deliveries/<uuid:delivery_id>/settle/", delivery_views.settle, name="settle-delivery"),
    path("exceptions/", exception_views.listed, name="exceptions"),
    path("wishes/<uuid:wish_id>/decline/", termination_views.decline_wish, name="decline-wish"),
    path("leavers/", leaver_views.listed, name="leavers"),
    path("staff/", staff_views.listed, name="staff"),
    path("staff/give/", staff_views.give, name="give-role"),
    path("staff/<int:grant_id>/take/", staff_views.take, name="take-role"),
    path("terminations/", termination_views.listed, name="terminations"),
    path("terminations/<uuid:termination_id>/approve/", termination_views.approve, name="approve-termination"),
    path("terminations/<uuid:termination_id>/refuse/", termination_views.refuse, name="refuse-termination"),
]
