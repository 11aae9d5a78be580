"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``wallet`` room."""

    name = "jifen.wallet"
    label = "wallet"
