from django.urls import URLPattern, URLResolver, path

from selfservice import activity, address, awaiting, changing, ending, guide_page, home, my_account, security_info, travelling, user_menu

app_name = "selfservice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("address/", address.address, name="address"),
    path("guide/", guide_page.guide, name="guide"),
    path("guide/choose/", guide_page.choose, name="guide-choose"),
    path("security-info/", security_info.security_info, name="security-info"),
    path("security-info/new-phone/", changing.new_phone, name="new-phone"),
    path("security-info/new-phone/<uuid:method_id>/retire/", changing.retire_method, name="retire-method"),
    path("security-info/new-phone/<uuid:method_id>/keep/", changing.keep_method, name="keep-method"),
    path("security-info/travel/", travelling.travelling, name="travel"),
    path("security-info/travel/cancel/", travelling.cancel_journey, name="cancel-journey"),
    path("my-account/", my_account.my_account, name="my-account"),
    path("my-account/activity/", activity.activity, name="activity"),
    path("my-account/activity/<uuid:uid>/", activity.entry, name="activity-entry"),
    path("my-account/sessions/end-others/", my_account.end_other_sessions, name="end-other-sessions"),
    path("my-account/sessions/<uuid:session_id>/end/", my_account.end_session, name="end-session"),
    path("user-menu/", user_menu.user_menu, name="user-menu"),
    path("user-menu/mfa/", user_menu.mfa_setting, name="mfa-setting"),
    path("user-menu/mfa/progress/", user_menu.mfa_progress, name="mfa-progress"),
    path("user-menu/mfa/await/<uuid:delivery_id>/", awaiting.await_system, name="mfa-await"),
    path("user-menu/mfa/withdraw/", user_menu.mfa_withdraw, name="mfa-withdraw"),
    path("user-menu/mfa/terminate/", ending.termination, name="mfa-termination"),
    path("user-menu/mfa/terminate/ask/", ending.ask, name="mfa-termination-ask"),
    path("user-menu/mfa/terminate/take-back/", ending.unask, name="mfa-termination-unask"),
]
