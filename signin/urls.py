from django.urls import path

from signin import counter_views, signout, stepup, verification, views

app_name = "signin"
urlpatterns = [
    path("signin/", views.start, name="start"),
    path("signin/password/", views.password, name="password"),
    path("signin/refused/", views.refused, name="refused"),
    path("signin/more-information/", views.more_information, name="more-information"),
    path("signin/continue/", views.registered, name="continue"),
    path("signin/number/", views.number, name="number"),
    path("signin/finish/", views.finish, name="finish"),
    path("signin/counter/", counter_views.counter_page, name="counter"),
    path("signin/counter/waiting/", counter_views.counter_waiting, name="counter-waiting"),
    path("signin/counter/take/", counter_views.counter_take, name="counter-take"),
    path("signin/verify/", verification.verify, name="verify"),
    path("signin/verify/options/", verification.options_page, name="options"),
    path("signin/verify/use/<uuid:method_id>/", verification.use, name="use"),
    path("signin/verify/resend/", verification.resend, name="resend"),
    path("signin/verify/waiting/<uuid:challenge_id>/", verification.waiting, name="waiting"),
    path("signin/step-up/", stepup.step_up, name="step-up"),
    path("signin/step-up/test/<uuid:method_id>/", stepup.test, name="test"),
    path("signin/step-up/options/", stepup.options_page, name="step-up-options"),
    path("signin/step-up/waiting/<uuid:challenge_id>/", stepup.waiting, name="step-up-waiting"),
    path("signin/step-up/use/<uuid:method_id>/", stepup.use, name="step-up-use"),
    path("signout/", signout.signout, name="signout"),
]
