"""JSON schemas as people read them."""

from __future__ import annotations

from typing import Any


def prose(described: dict[str, Any]) -> dict[str, Any]:
    """Docstrings without the line breaks and marks that they have in the source."""
    for name, value in described.items():
        if isinstance(value, dict):
            prose(value)
        elif name == "description":
            described[name] = " ".join(value.replace("``", "").split())
    return described
