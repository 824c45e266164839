"""The demo's corner of the site map."""

from django.urls import path

from demo import gallery, hook, mail_program, mailbox, phone, start, systems, telephone, twilio, twilio_calls

app_name = "demo"
urlpatterns = [
    path("", start.start, name="start"),
    path("phone/", phone.phones, name="phones"),
    path("phone/<str:number>/", phone.phone, name="phone"),
    path("phone/<str:number>/call/", telephone.handle, name="telephone"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.mail, name="mail"),
    path("systems/", systems.systems, name="systems"),
    path("systems/<slug:code>/", systems.system, name="system"),
    path("systems/<slug:code>/mood/", systems.set_mood, name="set-mood"),
    path("systems/<slug:code>/hook", hook.hook, name="hook"),
    path("systems/<slug:code>/program/", mail_program.sign_in, name="mail-program"),
    path("twilio/2010-04-01/Accounts/<str:account_sid>/Messages.json", twilio.messages, name="twilio-messages"),
    path("twilio/2010-04-01/Accounts/<str:account_sid>/Calls.json", twilio_calls.calls, name="twilio-calls"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/focus/", gallery.gallery_focus, name="gallery-focus"),
]
