"""Every address of the API with the right that each of its methods needs."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from django.urls import URLPattern, re_path
from dmr.routing import path

from jifen.faces.api.faults import NoSuchRoute
from jifen.faces.api.open import (
    activities,
    approvals,
    balances,
    checkout,
    coupons,
    docs,
    endings,
    exports,
    gift_runs,
    history,
    imports,
    members,
    membership,
    money,
    notices,
    programme,
    reports,
    rule_sets,
    second_factor,
    segments,
    set_up,
    staff,
    stores,
    tier,
    trials,
    units,
    what_ifs,
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
    _route("imports/sample", imports.sample_orders, GET="members.write"),
    _route("imports/<uuid:import_id>/rejected", imports.rejected, GET="members.write"),
    _route("exports/<uuid:export_id>/file", exports.download, GET="export"),
    _route("reports/<str:name>/csv", reports.as_csv, GET="reports.read"),
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
    _route(
        "members/<uuid:member_id>",
        members.OneMember.as_view(),
        GET="members.read",
        PATCH="members.write",
    ),
    _route("members/<uuid:member_id>/audit", membership.MemberAudit.as_view(), GET="members.read"),
    _route("members/<uuid:member_id>/erase", membership.Forgotten.as_view(), POST="members.end"),
    _route("members/<uuid:member_id>/freeze", membership.Frozen.as_view(), POST="members.freeze"),
    _route("members/<uuid:member_id>/leave", membership.Left.as_view(), POST="members.end"),
    _route("members/<uuid:member_id>/merge", membership.Merged.as_view(), POST="members.merge"),
    _route(
        "members/<uuid:member_id>/unfreeze", membership.Unfrozen.as_view(), POST="members.freeze"
    ),
    _route("merges/<uuid:activity_id>/undo", membership.Parted.as_view(), POST="members.merge"),
    _route("tags", membership.TagList.as_view(), GET="members.read"),
    _route("segments", segments.SegmentList.as_view(), GET="segments.read"),
    _route("segments/conditions/schema", segments.ConditionSchema.as_view(), GET="segments.read"),
    _route("segments/preview", segments.Preview.as_view(), POST="segments.read"),
    _route(
        "segments/<str:code>",
        segments.OneSegment.as_view(),
        GET="segments.read",
        PUT="segments.write",
        DELETE="segments.write",
    ),
    _route("segments/<str:code>/count", segments.Counting.as_view(), GET="segments.read"),
    _route("segments/<str:code>/ids", segments.Ids.as_view(), GET="segments.read"),
    _route("segments/<str:code>/members", segments.Listing.as_view(), GET="members.read"),
    _route(
        "members/<uuid:member_id>/activities",
        history.MemberActivities.as_view(),
        GET="activities.read",
    ),
    _route("members/<uuid:member_id>/balances", balances.Balances.as_view(), GET="balances.read"),
    _route(
        "members/<uuid:member_id>/coupons", coupons.MemberCoupons.as_view(), GET="balances.read"
    ),
    _route("coupons", coupons.CouponList.as_view(), GET="balances.read"),
    _route("coupons/lookup", coupons.CouponLookup.as_view(), POST="balances.read"),
    _route("top-ups", money.TopUpList.as_view(), GET="activities.read"),
    _route("pass-uses", money.PassUseList.as_view(), GET="activities.read"),
    _route("checkout/quote", checkout.CheckoutQuotation.as_view(), POST="balances.read"),
    _route("members/<uuid:member_id>/tier", tier.MemberTier.as_view(), GET="members.read"),
    _route("members/<uuid:member_id>/statement", balances.Statement.as_view(), GET="balances.read"),
    _route("members/<uuid:member_id>/lots", balances.OpenLots.as_view(), GET="balances.read"),
    _route("offset/quote", balances.OffsetQuotation.as_view(), POST="balances.read"),
    _route("gift-runs", gift_runs.GiftRunList.as_view(), GET="adjust", POST="adjust"),
    _route("gift-runs/preview", gift_runs.GiftRunPreview.as_view(), POST="adjust"),
    _route("gift-runs/<uuid:run_id>", gift_runs.OneGiftRun.as_view(), GET="adjust"),
    _route("gift-runs/<uuid:run_id>/refused", gift_runs.GiftRunRefusals.as_view(), GET="adjust"),
    _route(
        "gift-runs/<uuid:run_id>/cancel", gift_runs.GiftRunCancellation.as_view(), POST="adjust"
    ),
    _route("approvals", approvals.ApprovalList.as_view(), GET="adjust"),
    _route("approvals/<uuid:approval_id>", approvals.OneApproval.as_view(), GET="adjust"),
    _route(
        "approvals/<uuid:approval_id>/confirm",
        approvals.ApprovalConfirmation.as_view(),
        POST="adjust",
    ),
    _route(
        "approvals/<uuid:approval_id>/refuse", approvals.ApprovalRefused.as_view(), POST="adjust"
    ),
    _route(
        "approvals/<uuid:approval_id>/withdraw",
        approvals.ApprovalWithdrawn.as_view(),
        POST="adjust",
    ),
    _route("members/<uuid:member_id>/notices", notices.MemberNotices.as_view(), GET="endings.read"),
    _route("notices", notices.NoticeList.as_view(), GET="endings.read"),
    _route("notices/preview", notices.NoticePreview.as_view(), POST="endings.read"),
    _route("notices/plan", notices.NoticePlanning.as_view(), POST="endings.write"),
    _route("notices/late", notices.LateNotices.as_view(), POST="endings.write"),
    _route("notices/retry", notices.NoticeRetry.as_view(), POST="endings.write"),
    _route("notices/send", notices.NoticeSending.as_view(), POST="endings.write"),
    _route("runs", endings.RunList.as_view(), GET="endings.read"),
    _route("runs/<uuid:run_id>", endings.OneRun.as_view(), GET="endings.read"),
    _route("expiry/preview", endings.ExpiryPreview.as_view(), POST="endings.read"),
    _route("expiry/runs", endings.ExpiryRuns.as_view(), POST="endings.write"),
    _route("expiry/untold", endings.ExpiryUntold.as_view(), GET="endings.read"),
    _route("clears", endings.ClearingList.as_view(), GET="endings.read", POST="endings.write"),
    _route("clears/<uuid:clearing_id>", endings.OneClearing.as_view(), GET="endings.read"),
    _route(
        "clears/<uuid:clearing_id>/cancel",
        endings.ClearingCancellation.as_view(),
        POST="endings.write",
    ),
    _route(
        "clears/<uuid:clearing_id>/preview",
        endings.ClearingPreview.as_view(),
        POST="endings.read",
    ),
    _route("clears/<uuid:clearing_id>/runs", endings.ClearingRuns.as_view(), POST="endings.write"),
    _route(
        "clears/<uuid:clearing_id>/untold", endings.ClearingUntold.as_view(), GET="endings.read"
    ),
    _route("rule-sets", rule_sets.RuleSets.as_view(), GET="rules.read"),
    _route("rule-sets/schema", rule_sets.RuleSetSchema.as_view(), GET="rules.read"),
    _route("rule-sets/trial", trials.RuleSetTrials.as_view(), POST="rules.read"),
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
    _route(
        "rule-sets/drafts/<str:name>/what-if",
        what_ifs.DraftWhatIf.as_view(),
        GET="rules.read",
        POST="rules.write",
    ),
    _route("rule-sets/<int:version>", rule_sets.OneRuleSet.as_view(), GET="rules.read"),
    _route(
        "rule-sets/<int:version>/withdraw",
        rule_sets.RuleSetWithdrawal.as_view(),
        POST="rules.write",
    ),
    _route("reports/points", reports.PointsByDay.as_view(), GET="reports.read"),
    _route("reports/liability", reports.Liability.as_view(), GET="reports.read"),
    _route("reports/sales", reports.SalesByDay.as_view(), GET="reports.read"),
    _route("reports/members", reports.MembersByDay.as_view(), GET="reports.read"),
    _route("reports/flows", reports.Flows.as_view(), GET="reports.read"),
    _route("reports/top-ups", reports.TopUpsByDay.as_view(), GET="reports.read"),
    _route("reports/uses", reports.UsesByDay.as_view(), GET="reports.read"),
    _route("reports/cohorts", reports.Cohorts.as_view(), GET="reports.read"),
    _route("reports/rfm", reports.Rfm.as_view(), GET="reports.read"),
    _route("reports/tiers", reports.Tiers.as_view(), GET="reports.read"),
    _route("imports", imports.ImportList.as_view(), GET="members.write", POST="members.write"),
    _route("imports/<uuid:import_id>", imports.OneImport.as_view(), GET="members.write"),
    _route(
        "imports/<uuid:import_id>/mapping",
        imports.OneImportMapping.as_view(),
        PUT="members.write",
    ),
    _route("imports/<uuid:import_id>/check", imports.ImportCheck.as_view(), POST="members.write"),
    _route("imports/<uuid:import_id>/run", imports.ImportStart.as_view(), POST="members.write"),
    _route("exports", exports.ExportList.as_view(), GET="export", POST="export"),
    _route("exports/<uuid:export_id>", exports.OneExport.as_view(), GET="export"),
    _route("exports/<uuid:export_id>/cancel", exports.ExportCancellation.as_view(), POST="export"),
    _route("session", staff.OneSession.as_view(), POST=PUBLIC, GET=ANY_CLIENT, DELETE=ANY_CLIENT),
    _route("session/password", staff.MyPassword.as_view(), POST=ANY_CLIENT),
    _route("session/second-factor", second_factor.MyFactor.as_view(), POST=ANY_CLIENT),
    _route(
        "session/second-factor/confirm",
        second_factor.MyFactorConfirmation.as_view(),
        POST=ANY_CLIENT,
    ),
    _route("session/second-factor/end", second_factor.MyFactorEnd.as_view(), POST=ANY_CLIENT),
    _route("staff", staff.StaffList.as_view(), GET="staff.read", POST="staff.write"),
    _route("staff/acts", staff.ActList.as_view(), GET="audit.read"),
    _route("staff/<uuid:staff_id>", staff.OneStaff.as_view(), PATCH="staff.write"),
    _route("staff/<uuid:staff_id>/password", staff.StaffPassword.as_view(), POST="staff.write"),
    _route(
        "staff/<uuid:staff_id>/second-factor/reset",
        staff.StaffFactor.as_view(),
        POST="staff.write",
    ),
    _route("set-up", set_up.SettingUp.as_view(), GET=PUBLIC, POST=PUBLIC),
    _route("presets", set_up.PresetList.as_view(), GET="rules.read"),
    _route("programme", programme.Programme.as_view(), GET=ANY_CLIENT, PATCH="programme.write"),
    _route("stores", stores.StoreList.as_view(), GET=ANY_CLIENT, POST="programme.write"),
    _route("stores/<str:code>", stores.OneStore.as_view(), PATCH="programme.write"),
    _route("units", units.UnitList.as_view(), GET=ANY_CLIENT, POST="programme.write"),
    _route("units/<str:code>", units.OneUnit.as_view(), PATCH="programme.write"),
    _route("merchants", stores.MerchantList.as_view(), GET=ANY_CLIENT, POST="programme.write"),
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
