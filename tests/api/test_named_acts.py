"""Every act that staff can do has a name in the console's record of them."""

import re
from pathlib import Path

from jifen.faces.api.open.urls import RIGHTS
from jifen.faces.api.serving import PUBLIC

# On record although nothing is changed, as whole phones are read; and what nobody is signed in for.
ON_RECORD = {
    "GET members/<uuid:member_id>",
    "GET imports/<uuid:import_id>/rejected",
    "GET exports/<uuid:export_id>/file",
    "POST set-up",
}
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
    assert named == acts | ON_RECORD
