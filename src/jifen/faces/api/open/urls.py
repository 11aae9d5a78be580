"""Every address of the API with the right that each of its methods needs."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from django.urls import URLPattern, re_path
from dmr.routing import path

from jifen.faces.api.faults import NoSuchRoute
from jifen.faces.api.open import (
    activities,
    balances,
    docs,
    history,
    members,
    programme,
    rule_sets,
)
from jifen.faces.api.serving import ANY_CLIENT, METHODS, PUBLIC, View, serve

PREFIX: Final = "/api/v1/"


RIGHTS: Final[dict[str, dict[str, str]]] = {}
"""What every method of every address needs; ``document`` tells it to readers."""


def _route(address: str, view: View, **rights: str) -> URLPattern:
    RIGHTS[address] = rights
    return path(address, serve(view, route=PREFIX + address, rights=rights))


def _nowhere(*_: Any, **__: Any) -> NoReturn:
    raise NoSuchRoute("nothing is at this address")


PLAIN: Final = [
    _route("activities", activities.book, POST="activities.write"),
    _route("activities/batch", activities.book_batch, POST="activities.write"),
    _route("activities/preview", activities.preview, POST="activities.write"),
]
"""Views that ``docs`` documents by hand."""

TYPED: Final = [
    _route("activities/<uuid:activity_id>", history.OneActivity.as_view(), GET="activities.read"),
    _route(
        "activities/<uuid:activity_id>/explain",
        history.ActivityExplanation.as_view(),
        GET="activities.read",
    ),
    _route("members", members.Members.as_view(), GET="members.read", POST="members.write"),
    _route("members/lookup", members.MemberLookup.as_view(), POST="members.read"),
    _route("members/<uuid:member_id>", members.OneMember.as_view(), GET="members.read"),
    _route(
        "members/<uuid:member_id>/activities",
        history.MemberActivities.as_view(),
        GET="activities.read",
    ),
    _route("members/<uuid:member_id>/balances", balances.Balances.as_view(), GET="balances.read"),
    _route("members/<uuid:member_id>/statement", balances.Statement.as_view(), GET="balances.read"),
    _route("offset/quote", balances.OffsetQuotation.as_view(), POST="balances.read"),
    _route("rule-sets", rule_sets.RuleSets.as_view(), GET="rules.read"),
    _route("rule-sets/schema", rule_sets.RuleSetSchema.as_view(), GET="rules.read"),
    _route("rule-sets/drafts", rule_sets.Drafts.as_view(), GET="rules.read"),
    _route(
        "rule-sets/drafts/<str:name>",
        rule_sets.OneDraft.as_view(),
        GET="rules.read",
        PUT="rules.write",
        DELETE="rules.write",
    ),
    _route(
        "rule-sets/drafts/<str:name>/publish",
        rule_sets.DraftPublication.as_view(),
        POST="rules.write",
    ),
    _route("rule-sets/<int:version>", rule_sets.OneRuleSet.as_view(), GET="rules.read"),
    _route("programme", programme.Programme.as_view(), GET=ANY_CLIENT),
    _route("verify", programme.Verification.as_view(), POST="verify"),
]
"""Controllers, which document themselves."""

urlpatterns: Final = [
    *PLAIN,
    *TYPED,
    _route("openapi.json", docs.openapi_json, GET=PUBLIC),
    _route("docs/", docs.page, GET=PUBLIC),
    re_path("", serve(_nowhere, route="-", rights=dict.fromkeys(METHODS, PUBLIC))),
]
