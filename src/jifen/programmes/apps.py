"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``programmes`` room."""

    name = "jifen.programmes"
    label = "programmes"
