"""Every act that staff can do has a name in the console's record of them."""

import re
from pathlib import Path

from jifen.faces.api.open.urls import RIGHTS
from jifen.faces.api.serving import PUBLIC

# Of people who read a phone whole: on record like an act.
READ_WHOLE = {"GET members/<uuid:member_id>", "GET imports/<uuid:import_id>/rejected"}
SOURCES = Path(__file__).parents[2] / "web/console/src"


def test_every_act_has_a_name() -> None:
    source = (SOURCES / "rules/operations.ts").read_text(encoding="utf-8")
    named = set(re.findall(r"'([A-Z]+ [^']+)':", source))
    acts = {
        f"{method} {address}"
        for address, rights in RIGHTS.items()
        for method, right in rights.items()
        if method not in {"GET", "HEAD", "OPTIONS"} and right != PUBLIC
    }
    assert named == acts | READ_WHOLE
