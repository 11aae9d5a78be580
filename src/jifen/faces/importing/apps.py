"""Django's entry for imports: their tables."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Files that people upload."""

    name = "jifen.faces.importing"
    label = "importing"
