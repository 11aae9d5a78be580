"""Which address belongs to which face."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/console/")),
    path("console/", include("jifen.faces.console.urls")),
    path("docs/", include("jifen.faces.docs.urls")),
    path("api/v1/", include("jifen.faces.api.open.urls")),
]
