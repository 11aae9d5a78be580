"""Which address belongs to which face."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/api/v1/docs/")),
    path("api/v1/", include("jifen.faces.api.open.urls")),
]
