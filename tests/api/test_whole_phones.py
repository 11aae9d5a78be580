"""Whole phones: masked wherever they are shown, and told to whoever asks, who is then on record."""

import json
import uuid

import pytest
from tests.api.shop import Shop
from tests.api.test_staff import signed_in

from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")


class TestWhole:
    """A person reads a phone whole by asking for it, which needs the right and is on record."""

    def asked(self, shop: Shop) -> str:
        phone = f"138{uuid.uuid4().int % 10**8:08}"
        body = {"identities": [{"kind": "phone", "value": phone}], "name": "Li"}
        made = shop.post("members", body, Idempotency_Key=uuid.uuid4().hex)
        self.phone = phone
        return str(made.json["member"]["id"])

    @pytest.mark.parametrize("role", ROLES)
    def test_it_is_masked_wherever_it_is_shown(self, shop: Shop, role: str) -> None:
        member = self.asked(shop)
        browser = signed_in(shop, role)
        looked = browser.ask("POST", "members/lookup", {"kind": "phone", "value": self.phone})
        assert looked.json["id"] == member
        changed = browser.ask("PATCH", f"members/{member}", {"add_tags": ["tea"]})
        told = [looked, changed, browser.ask("GET", f"members/{member}")]
        told.append(browser.ask("GET", "members"))
        for answer in told:
            assert self.phone.encode() not in answer.content

    def test_who_asks_for_it_is_on_record(self, shop: Shop) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        told = owner.ask("GET", f"members/{member}?whole=true")
        assert told.json["identities"] == [{"kind": "phone", "value": f"+86{self.phone}"}]
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["operation"] == "GET /api/v1/members/<uuid:member_id>"
        assert (act["subject"], act["status"]) == ({"member_id": member}, 200)
        assert self.phone not in json.dumps(act)

    def test_without_the_right_it_is_refused_and_on_record(self, shop: Shop) -> None:
        member = self.asked(shop)
        clerk, owner = signed_in(shop, "clerk"), signed_in(shop)
        refused = clerk.ask("GET", f"members/{member}?whole=true")
        assert (refused.code, refused.json["right"]) == ("forbidden_right", "members.phone")
        assert self.phone.encode() not in refused.content
        acts = owner.ask("GET", "staff/acts").json["acts"]
        assert "forbidden_right" in {act["code"] for act in acts}

    @pytest.mark.parametrize("spelled", ["true", "1", "True"])
    def test_no_spelling_goes_unrecorded(self, shop: Shop, spelled: str) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        before = len(owner.ask("GET", "staff/acts").json["acts"])
        told = owner.ask("GET", f"members/{member}?whole={spelled}")
        assert self.phone.encode() not in told.content or (
            len(owner.ask("GET", "staff/acts").json["acts"]) > before
        )

    def test_a_sessions_key_shown_otherwise_is_a_persons_all_the_same(self, shop: Shop) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        token = owner.http.cookies["jifen_session"].value
        masked = shop.get(f"members/{member}", key=token)
        assert self.phone.encode() not in masked.content
        assert self.phone.encode() in shop.get(f"members/{member}?whole=true", key=token).content
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["subject"] == {"member_id": member}

    def test_a_machine_reads_what_its_right_says(self, shop: Shop) -> None:
        member = self.asked(shop)
        assert self.phone.encode() in shop.get(f"members/{member}").content

    def test_the_rejected_lines_of_an_import_are_on_record(self, shop: Shop) -> None:
        file = b"phone,name\n12,Li\n"
        sent = shop.post("imports?kind=members&name=a.csv", file, content_type="text/csv")
        owner = signed_in(shop)
        path = f"imports/{sent.json['run']['id']}"
        assert owner.ask("GET", path).json["rows"] == []
        assert owner.ask("GET", f"{path}/rejected").status == 200
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["operation"] == "GET /api/v1/imports/<uuid:import_id>/rejected"
