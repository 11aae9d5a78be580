"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``insight`` room."""

    name = "jifen.insight"
    label = "insight"
