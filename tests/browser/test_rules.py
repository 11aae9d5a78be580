"""Changing a rule: draft, trial, publish, go back; as an owner does it, in both languages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.console import Console
from tests.browser.watching import barriers, settled, sideways

from jifen.insight import selectors as reports
from jifen.insight import services as insight

Opened = Callable[..., Page]
DRAFT = re.compile(r"^\d{4}-\d\d-\d\d")
"""The name of a new draft is the day."""
WORDS = {
    "zh": {
        "rules": "规则", "new": "新建草稿", "begin": "开始编辑", "every": "每消费（¥）",
        "sentence": "每消费 ¥0.50 得 1 积分", "as": "与第 1 版相同",
        "differs": "与第 1 版有 1 处不同",
        "unsaved": "有未保存的修改", "save": "保存草稿", "saved": "草稿已保存",
        "publish": "发布第 2 版", "sure": "确认发布第 2 版", "does": "已入账的不会重算",
        "where": "得分规则 › 消费积分（spend） › 每消费", "done": "第 2 版已生效",
        "version": "第 2 版", "none": "无等级", "now": "现行 +128", "changes": "第 2 版改了什么",
        "back": "以第 1 版恢复", "points": "数量", "json": "JSON 源码",
        "faults": "发布前需要改正的错误：1 处",
        "delete": "删除草稿", "add": "添加规则", "cap": "上限",
        "capped": "每人每天最多得 500 积分", "missing": "缺少字段",
        "effect": "近 30 天影响", "nobody": "还没有试算过这份草稿", "try": "按近 30 天试算",
        "cost": "成本（按抵现比例）", "why": "订单说明",
        "stale": "草稿或现行规则已有改动", "untried": "还没有按近 30 天的订单试算过现在的草稿",
        "again": "重新试算", "by day": "按日", "form": "表单", "cancel": "取消",
    },
    "en": {
        "rules": "Rules", "new": "New draft", "begin": "Begin the draft", "every": "For every (¥)",
        "sentence": "1 point for every ¥0.50 spent", "as": "The same as version 1",
        "differs": "differs from version 1 in 1 places", "unsaved": "Changes not saved",
        "save": "Save draft", "saved": "Draft saved", "publish": "Publish version 2",
        "sure": "Publish version 2 now", "does": "What was booked before stays as it is",
        "where": "Rules › Rate (spend) › For every", "done": "Version 2 is in force",
        "version": "Version 2", "none": "No tier", "now": "in force: +128",
        "changes": "What changed in version 2", "back": "Go back to version 1", "points": "Points",
        "json": "JSON", "faults": "Faults that keep this from being published: 1",
        "delete": "Delete draft", "add": "Add a rule", "cap": "Cap",
        "capped": "At most 500 points a day", "missing": "Missing field",
        "effect": "Effect on 30 days", "nobody": "Nobody has tried this draft",
        "try": "Try it on the last 30 days",
        "cost": "Cost (at the offset rate)", "why": "The order",
        "stale": "have changed since", "untried": "was not tried on the orders of the last 30 days",
        "again": "Try again", "by day": "By day", "form": "Form", "cancel": "Cancel",
    },
}  # fmt: skip


@pytest.fixture
def own(server: str) -> Console:
    """A programme whose rules no other test changes."""
    return Console(server)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def choose(field: Locator) -> None:
    """Open a field's choices. What is chosen already lies over it."""
    field.click(force=True)


def begin(page: Page, says: dict[str, str]) -> None:
    page.goto("rules")
    button(page, says["new"]).click()
    button(page, says["begin"]).click()
    page.wait_for_url(re.compile(r"/rules/drafts/\d{4}-\d\d-\d\d"))
    settled(page)


def tier(page: Page, name: str) -> Locator:
    return page.locator(".tiers li").filter(has=page.get_by_text(name, exact=True))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rate_is_changed_tried_and_published(
    signed_in: Opened, own: Console, language: str
) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language)
    begin(page, says)
    expect(page.get_by_text(says["as"])).to_be_visible()
    expect(button(page, says["publish"])).to_be_disabled()
    expect(tier(page, says["none"])).to_contain_text("+128")

    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill("0.5")
    expect(tier(page, says["none"])).to_contain_text("+256")
    expect(tier(page, says["none"])).to_contain_text(says["now"])
    expect(page.get_by_role("button", name=says["sentence"])).to_be_visible()
    expect(page.locator(".told").get_by_text("每消费 ¥0.50 得 1 积分")).to_be_visible()
    expect(page.locator(".told").get_by_text("1 point for every ¥0.50 spent")).to_be_visible()
    expect(page.get_by_text(says["unsaved"])).to_be_visible()

    button(page, says["save"]).click()
    expect(page.get_by_text(says["saved"])).to_be_visible()
    expect(page.get_by_text(says["differs"])).to_be_visible()

    button(page, says["publish"]).click()
    dialog = page.get_by_role("dialog", name=says["publish"])
    expect(dialog).to_contain_text(says["does"])
    expect(dialog.get_by_role("row", name=says["where"])).to_contain_text("¥0.50")
    button(dialog, says["sure"]).click()
    expect(page.get_by_text(says["done"])).to_be_visible()
    expect(page.get_by_role("heading", name=says["version"])).to_be_visible()
    expect(page.get_by_text(says["sentence"])).to_be_visible()
    # The draft has become the version.
    expect(page.get_by_role("link", name=DRAFT)).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_going_back_is_publishing_an_old_version_again(
    signed_in: Opened, own: Console, language: str
) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language)
    begin(page, says)
    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill("2")
    expect(tier(page, says["none"])).to_contain_text("+64")
    button(page, says["publish"]).click()
    button(page.get_by_role("dialog"), says["sure"]).click()
    expect(page.get_by_text(says["done"])).to_be_visible()

    button(page, says["changes"]).click()
    row = page.get_by_role("dialog").get_by_role("row", name=says["where"])
    expect(row).to_contain_text("¥1.00")
    expect(row).to_contain_text("¥2.00")
    page.keyboard.press("Escape")
    button(page, says["back"]).click()
    button(page.get_by_role("dialog"), says["begin"]).click()
    page.wait_for_url(re.compile("/rules/drafts/"))
    expect(tier(page, says["none"])).to_contain_text("+128")
    expect(tier(page, says["none"])).to_contain_text("+64")


def try_on(page: Page, console: Console, name: str) -> tuple[int, int]:
    """Ask for the effect of the draft, and do what the worker does then; answers the points in
    force and with the draft."""
    with page.expect_response(re.compile("/what-if$")) as answered:
        button(page, name).click()
    draft = answered.value.json()["draft"]
    with console.scope():
        while insight.find_what_if(at=datetime.now(UTC)):
            pass
        found = reports.what_if(draft=draft, stores=None, at=datetime.now(UTC))
    assert found is not None
    assert found.result is not None
    [effect] = [each for each in found.result.effects if each.unit == "points"]
    return effect.points.now, effect.points.draft


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_is_tried_on_real_orders_before_it_is_published(
    signed_in: Opened, own: Console, language: str
) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language)
    begin(page, says)
    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill("0.5")
    expect(tier(page, says["none"])).to_contain_text("+256")

    page.get_by_role("tab", name=says["effect"]).click()
    panel = page.locator("section", has=page.locator("#effect-head"))
    expect(panel).to_contain_text(says["nobody"])
    now, draft = try_on(page, own, says["try"])
    assert 0 < now < draft
    for figure in (f"+{draft - now:,}", f"{now:,}", f"{draft:,}"):
        expect(panel.locator("dl")).to_contain_text(figure)
    expect(panel.locator("dl")).to_contain_text(says["cost"])
    panel.get_by_text(says["by day"], exact=True).click()
    assert panel.get_by_role("table").first.get_by_role("row").count() > 2
    button(page, says["publish"]).click()
    dialog = page.get_by_role("dialog", name=says["publish"])
    expect(dialog).to_contain_text(f"+{draft - now:,}")
    button(dialog, says["cancel"]).click()
    panel.get_by_role("link", name=says["why"]).first.click()
    page.wait_for_url(re.compile(r"/activities/[0-9a-f-]{36}$"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_tried_is_no_more_current_once_the_draft_is_changed(
    signed_in: Opened, own: Console, language: str
) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language)
    begin(page, says)
    page.get_by_role("tab", name=says["effect"]).click()
    now, _ = try_on(page, own, says["try"])
    panel = page.locator("section", has=page.locator("#effect-head"))
    expect(panel.locator("dl")).to_contain_text(f"{now:,}")
    page.get_by_role("tab", name=says["form"]).click()
    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill("2")
    page.get_by_role("tab", name=says["effect"]).click()
    expect(panel).to_contain_text(says["stale"])
    button(page, says["publish"]).click()
    dialog = page.get_by_role("dialog", name=says["publish"])
    expect(dialog).to_contain_text(says["untried"])
    button(dialog, says["cancel"]).click()
    try_on(page, own, says["again"])
    expect(panel.locator("dl")).to_contain_text("−")
    expect(panel).not_to_contain_text(says["stale"])


def test_a_rule_is_added_by_kind_and_its_faults_stand_beside_the_fields(
    signed_in: Opened, own: Console
) -> None:
    says = WORDS["zh"]
    page = signed_in(console=own)
    begin(page, says)
    choose(page.get_by_role("combobox", name=says["add"]))
    page.get_by_role("option", name=says["cap"], exact=True).click()
    expect(page.get_by_text(says["faults"])).to_be_visible()
    expect(button(page, says["publish"])).to_be_disabled()
    rule = page.locator("li.rule").last
    expect(rule.locator(".field.faulty")).to_contain_text(says["missing"])
    choose(rule.get_by_role("combobox", name="周期"))
    page.get_by_role("option", name="每天", exact=True).click()
    rule.get_by_label(says["points"]).fill("500")
    expect(rule).to_contain_text(says["capped"])
    page.get_by_label("消费金额（¥）").fill("900")
    expect(tier(page, says["none"])).to_contain_text("+500")
    expect(tier(page, says["none"])).to_contain_text("+900")


def test_the_form_and_the_json_are_one_document(signed_in: Opened, own: Console) -> None:
    says = WORDS["zh"]
    page = signed_in(console=own)
    begin(page, says)
    page.get_by_role("tab", name=says["json"]).click()
    source = page.get_by_role("textbox", name=says["json"])
    source.fill(source.input_value().replace('"per_minor": 100', '"per_minor": 50'))
    expect(tier(page, says["none"])).to_contain_text("+256")
    source.fill("{")
    expect(page.get_by_role("alert")).to_contain_text("还不是有效的 JSON")
    expect(tier(page, says["none"])).to_contain_text("+256")


def test_what_was_not_saved_is_asked_about_before_it_is_lost(
    signed_in: Opened, own: Console
) -> None:
    says = WORDS["zh"]
    page = signed_in(console=own)
    begin(page, says)
    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill("3")
    page.get_by_role("link", name="返回规则").click()
    dialog = page.get_by_role("dialog")
    button(dialog, "留下").click()
    expect(page.get_by_label(says["every"])).to_have_value("3")
    page.get_by_role("link", name="返回规则").click()
    button(dialog, "离开").click()
    page.wait_for_url(re.compile("/rules$"))


def test_a_draft_is_deleted_after_a_question(signed_in: Opened, own: Console) -> None:
    says = WORDS["zh"]
    page = signed_in(console=own)
    begin(page, says)
    button(page, says["delete"]).click()
    button(page.get_by_role("dialog"), says["delete"]).click()
    page.wait_for_url(re.compile("/rules$"))
    settled(page)
    expect(page.get_by_role("link", name=DRAFT)).to_have_count(0)


def test_an_auditor_reads_and_tries_but_changes_nothing(signed_in: Opened, own: Console) -> None:
    says = WORDS["zh"]
    owner = signed_in(console=own)
    begin(owner, says)
    page = signed_in("auditor", console=own)
    page.goto("rules")
    settled(page)
    expect(button(page, says["new"])).to_have_count(0)
    page.get_by_role("link", name=re.compile(r"查看 \d{4}-")).click()
    expect(tier(page, says["none"])).to_contain_text("+128")
    page.get_by_role("button", name="spend").first.click()
    expect(page.get_by_label(says["every"])).to_be_disabled()
    expect(button(page, says["publish"])).to_have_count(0)
    page.get_by_role("tab", name=says["effect"]).click()
    expect(page.get_by_text(says["nobody"])).to_be_visible()
    expect(button(page, says["try"])).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_is_shut_out(signed_in: Opened, own: Console, language: str, theme: str) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language, theme=theme)
    begin(page, says)
    for title in page.locator(".rule .title").all():
        title.click()
    page.evaluate(
        "document.querySelectorAll('details.group').forEach((each) => (each.open = true))"
    )
    page.locator(".tiers summary").first.click()
    settled(page)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("tab", name=says["effect"]).click()
    assert barriers(page) == []
    try_on(page, own, says["try"])
    expect(page.get_by_text(says["cost"])).to_be_visible()
    settled(page)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("tab", name=says["json"]).click()
    assert barriers(page) == []
    page.goto("rules")
    settled(page)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == 0


def test_a_session_that_tries_leaves_no_acts(signed_in: Opened, own: Console) -> None:
    """A trial is asked with each key that is pressed: a record of each would hide the acts."""
    says = WORDS["zh"]
    page = signed_in(console=own)
    begin(page, says)
    page.get_by_label("消费金额（¥）").fill("900")
    settled(page)
    answer: dict[str, Any] = page.request.get("/api/v1/staff/acts?limit=50").json()
    operations = {act["operation"] for act in answer["acts"]}
    assert "PUT /api/v1/rule-sets/drafts/<str:name>" in operations
    assert "POST /api/v1/rule-sets/trial" not in operations
