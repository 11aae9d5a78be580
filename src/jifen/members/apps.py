"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``members`` room."""

    name = "jifen.members"
    label = "members"
