"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``audience`` room."""

    name = "jifen.audience"
    label = "audience"
