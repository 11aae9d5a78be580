"""``openapi``: the document of the API, as it is committed in ``docs/``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def openapi(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; else it is shown.")
    ] = None,
) -> None:
    """Write the OpenAPI document of the REST API."""
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jifen.config.settings")
        django.setup()
    from jifen.faces.api.open.docs import written

    if file is None:
        sys.stdout.write(written().decode())
    else:
        file.write_bytes(written())


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(openapi)
