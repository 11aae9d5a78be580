"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``audience`` room."""

    name = "jifen.audience"
    label = "audience"

    def ready(self) -> None:
        """Tell the rules, which are below, what segments are. Models are there from now on."""
        from jifen.audience import selectors
        from jifen.earning import groups

        groups.provide(selectors)
