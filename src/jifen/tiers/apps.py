"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``tiers`` room."""

    name = "jifen.tiers"
    label = "tiers"
