"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``earning`` room."""

    name = "jifen.earning"
    label = "earning"
