"""What each role may do. A role is a name for a set of rights; nothing asks for the role itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jifen.programmes.types import RIGHTS

_READING: Final = frozenset(
    {
        "activities.read",
        "balances.read",
        "endings.read",
        "members.read",
        "reports.read",
        "rules.read",
        "segments.read",
    }
)

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "owner": RIGHTS,
    "manager": RIGHTS - {"programme.write", "staff.write"},
    "marketing": _READING | {"endings.write", "rules.write", "segments.write"},
    "finance": _READING | {"audit.read", "export", "verify"},
    "clerk": frozenset(
        {
            "activities.read",
            "activities.write",
            "balances.read",
            "members.read",
            "members.write",
        }
    ),
    "auditor": _READING | {"audit.read", "staff.read", "verify"},
}
"""Rights by role, the widest first."""


def rights_of(role: str) -> frozenset[str]:
    """The rights of a role that exists."""
    return ROLES[role]
