from django.urls import URLPattern, URLResolver, path

from selfservice import home, security_info

app_name = "selfservice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("security-info/", security_info.security_info, name="security-info"),
]
