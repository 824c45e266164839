app_name = "access_pass"
urlpatterns: list[object] = []  # staff hand passes out; there is nothing to set up
