"""The documentation's addresses."""

from django.urls import re_path

from jifen.faces.docs import views

_NAME = r"(?P<name>[a-z0-9-]+(?:/[a-z0-9-]+)?)"

urlpatterns = [
    re_path(r"^$", views.start),
    re_path(r"^(?P<language>zh|en)/?$", views.page),
    re_path(rf"^(?P<language>zh|en)/{_NAME}$", views.page),
    re_path(r"^pictures/(?P<name>[A-Za-z0-9_./-]+)$", views.picture),
    re_path(rf"^{_NAME}$", views.start),
]
