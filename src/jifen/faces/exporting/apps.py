"""Django's entry for exports: their tables."""

from django.apps import AppConfig


class ExportingConfig(AppConfig):
    """Files that people ask for."""

    name = "jifen.faces.exporting"
    label = "exporting"
