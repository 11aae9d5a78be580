"""Django's entry for this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The ``outreach`` room."""

    name = "jifen.outreach"
    label = "outreach"

    def ready(self) -> None:
        """Let notices be sent when their events are delivered."""
        from jifen.common.outbox import services as outbox
        from jifen.outreach.sending import NoticeReader

        outbox.register(NoticeReader())
