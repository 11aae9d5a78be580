"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``ledger`` room."""

    name = "jifen.ledger"
    label = "ledger"
