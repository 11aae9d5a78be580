"""Django's entry for the outbox."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The ``outbox``."""

    name = "jifen.common.outbox"
    label = "outbox"
