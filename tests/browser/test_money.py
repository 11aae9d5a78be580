"""Stored value, coupons and passes, as a shop works with them: issued, found, made void; topped up
and refunded; given, used and undone; and what of it was where on which day."""

import uuid
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Download, Locator, Page, expect
from tests.browser.console import PASSWORD, Console
from tests.browser.test_rules import choose
from tests.browser.test_second_factor import shot
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.programmes import staff

Opener = Callable[..., Page]
PHONE: Final = "13812342186"
"""李娜's."""
BOTH: Final = pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
WORDS: Final = {
    "zh": {
        "first": "还没有发放过优惠券。",
        "issue": "发放优惠券",
        "bearer": "不记名，凭码使用",
        "member": "会员",
        "lookUp": "查找",
        "count": "张数",
        "reason": "原因",
        "fill": "谁持有谁就能用",
        "onlyMember": "只有本人能用",
        "issueMany": "发放 12 张",
        "issueOne": "发放 1 张",
        "more": "另有 2 个券码在文件中。",
        "file": "下载券码（CSV）",
        "close": "完成",
        "find": "按券码查券",
        "usable": "可使用",
        "void": "作废",
        "isVoid": "已作废",
        "states": "状态",
        "onlyVoid": "已作废",
        "kinds": "券的种类",
        "fifty": "满 300 减 50",
        "off": "减 ¥50.00",
        "tea": "8.8 折，最多 ¥20.00",
        "change": "在草稿中修改",
        "days": "按日汇总",
        "topUp": "充值",
        "amount": "充值金额",
        "reference": "单号",
        "moves": "将发生的变动：",
        "gives": "+¥100.00 赠送金",
        "pay": "确认充值",
        "refund": "退款",
        "refundOf": "退款：充值 T-1",
        "takes": "−¥100.00 赠送金",
        "back": "−¥1,000.00 储值本金",
        "part": "退一部分",
        "partAmount": "退款金额",
        "partTakes": "−¥40.00 赠送金",
        "spent": "超过该笔充值的余额",
        "go": "确认退款",
        "terms": "储值规则",
        "limit": "¥5,000.00",
        "given": "每充值满 ¥100 赠 ¥10 赠送金",
        "total": "合计",
        "give": "发卡",
        "doGive": "确认发卡",
        "pass": "计次卡",
        "howMany": "次数",
        "use": "核销",
        "doUse": "确认核销",
        "used": "已核销",
        "undoOf": "撤销核销：2 品茶次数",
        "undo": "撤销",
        "undone": "已撤销",
        "passes": "卡的种类",
        "bought": "400 积分 换 5 品茶次数",
    },
    "en": {
        "first": "No coupon has been issued yet.",
        "issue": "Issue coupons",
        "bearer": "Whoever bears the code",
        "member": "Member",
        "lookUp": "Look up",
        "count": "How many",
        "reason": "Reason",
        "fill": "Whoever bears one can use it.",
        "onlyMember": "Nobody else can use them.",
        "issueMany": "Issue 12",
        "issueOne": "Issue 1",
        "more": "2 more codes are in the file.",
        "file": "Download the codes (CSV)",
        "close": "Done",
        "find": "Find a coupon by its code",
        "usable": "Can be used",
        "void": "Make void",
        "isVoid": "Void",
        "states": "State",
        "onlyVoid": "Void",
        "kinds": "Kinds of coupon",
        "fifty": "50 off from 300",
        "off": "¥50.00 off",
        "tea": "12% off, at most ¥20.00",
        "change": "Change in a draft",
        "days": "By day",
        "topUp": "Top up",
        "amount": "Amount",
        "reference": "Reference",
        "moves": "This will move:",
        "gives": "+¥100.00 bonus money",
        "pay": "Top up",
        "refund": "Refund",
        "refundOf": "Refund top-up T-1",
        "takes": "−¥100.00 bonus money",
        "back": "−¥1,000.00 stored value",
        "part": "A part",
        "partAmount": "Amount",
        "partTakes": "−¥40.00 bonus money",
        "spent": "More than is left of the top-up",
        "go": "Refund",
        "terms": "Terms",
        "limit": "¥5,000.00",
        "given": "¥10 bonus money for every full ¥100 topped up",
        "total": "Total",
        "give": "Give a pass",
        "doGive": "Give",
        "pass": "Pass",
        "howMany": "How many services",
        "use": "Use a pass",
        "doUse": "Use",
        "used": "Used",
        "undoOf": "Undo the use: 2 tastings",
        "undo": "Undo",
        "undone": "Undone",
        "passes": "Passes",
        "bought": "400 points for 5 tastings",
    },
}


@pytest.fixture
def tea(console: Console) -> Console:
    """A programme of its own that has all of it."""
    return Console(console.url, "wallet")


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    settled(page)
    return page


def chosen(dialog: Locator, words: dict[str, str], phone: str = PHONE) -> None:
    """Name a member."""
    dialog.get_by_label(words["member"], exact=True).fill(phone)
    dialog.get_by_role("button", name=words["lookUp"]).click()
    expect(dialog.get_by_text("138****2186")).to_be_visible()


def tab(page: Page, name: str) -> Locator:
    """Open a tab; answers what is in it."""
    page.get_by_role("tab", name=name).click()
    settled(page)
    return page.get_by_role("tabpanel", name=name)


def saved(download: Download) -> list[str]:
    text = download.path().read_text(encoding="utf-8-sig")
    return text.splitlines()


def find_and_void(page: Page, words: dict[str, str], code: str, picture: str) -> None:
    """Find a coupon by the code that somebody bears, and make it void."""
    box = page.get_by_role("textbox", name=words["find"])
    with watch_of(page).refusals("POST /api/v1/coupons/lookup 404"):
        box.fill("nothing")
        box.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
    box.fill(code.lower().replace("-", " "))
    box.press("Enter")
    found = page.get_by_role("status").filter(has_text=code)
    expect(found).to_contain_text(words["usable"])
    expect(found).to_contain_text("opening of the shop")
    assert barriers(page) == []
    shot(page, picture)
    found.get_by_role("button", name=words["void"]).click()
    voiding = page.get_by_role("dialog")
    expect(voiding).to_contain_text(code)
    voiding.get_by_label(words["reason"]).fill("lost on the way")
    assert barriers(page) == []
    voiding.get_by_role("button", name=words["void"]).click()
    expect(found).to_contain_text(words["isVoid"])
    expect(found).to_contain_text("lost on the way")
    choose(page.get_by_role("combobox", name=words["states"]))
    page.get_by_role("option", name=words["onlyVoid"]).click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").last).to_contain_text(code)


@BOTH
def test_coupons_are_issued_found_and_made_void(
    signed_in: Opener, tea: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = opened(signed_in(console=tea, language=language, theme=theme), "coupons")
    expect(page.get_by_text(words["first"])).to_be_visible()
    shot(page, f"coupons-empty-{theme}-{language}")
    page.get_by_role("button", name=words["issue"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(words["bearer"], exact=True).click()
    dialog.get_by_label(words["count"]).fill("12")
    dialog.get_by_label(words["reason"], exact=True).fill("opening of the shop")
    expect(dialog).to_contain_text(words["fill"])
    assert barriers(page) == []
    shot(page, f"coupons-issue-{theme}-{language}")
    dialog.get_by_role("button", name=words["issueMany"]).click()
    expect(dialog.get_by_text(words["more"])).to_be_visible()
    with page.expect_download() as waiting:
        dialog.get_by_role("link", name=words["file"]).click()
    head, *rows = saved(waiting.value)
    assert head == "code,kind,valid_until"
    assert len({row.split(",")[0] for row in rows}) == len(rows) == 12
    assert barriers(page) == []
    shot(page, f"coupons-issued-{theme}-{language}")
    dialog.get_by_role("button", name=words["close"]).click()
    expect(page.get_by_role("row")).to_have_count(13)

    page.get_by_role("button", name=words["issue"]).click()
    chosen(dialog, words)
    dialog.get_by_label(words["reason"], exact=True).fill("a broken cup")
    expect(dialog).to_contain_text(words["onlyMember"])
    dialog.get_by_role("button", name=words["issueOne"]).click()
    dialog.get_by_role("button", name=words["close"]).click()
    expect(page.get_by_role("row")).to_have_count(14)

    find_and_void(page, words, rows[0].split(",")[0], f"coupons-{theme}-{language}")


@BOTH
def test_what_the_rules_define_leads_to_its_draft(
    signed_in: Opener, tea: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = opened(signed_in(console=tea, language=language, theme=theme), "coupons")
    kinds = tab(page, words["kinds"])
    expect(kinds.get_by_role("listitem").filter(has_text=words["fifty"])).to_contain_text(
        words["off"]
    )
    expect(kinds).to_contain_text(words["tea"])
    assert barriers(page) == []
    shot(page, f"coupons-kinds-{theme}-{language}")
    opened(page, "passes")
    passes = tab(page, words["passes"])
    expect(passes).to_contain_text(words["bought"])
    assert barriers(page) == []
    shot(page, f"passes-kinds-{theme}-{language}")
    opened(page, "stored-value")
    terms = tab(page, words["terms"])
    expect(terms).to_contain_text(words["limit"])
    expect(terms).to_contain_text(words["given"])
    assert barriers(page) == []
    shot(page, f"stored-value-terms-{theme}-{language}")
    terms.get_by_role("button", name=words["change"]).click()
    page.wait_for_url(f"**/rules/drafts/{tea.draft}#stored_value")
    settled(page)
    expect(page.locator("#group-money")).to_have_attribute("open", "")
    expect(page.locator("#group-money")).to_be_in_viewport()


def told_by_day(page: Page, words: dict[str, str], picture: str) -> None:
    """The top-up and its refund are in the report, and in its file."""
    reports = tab(page, words["days"])
    table = reports.get_by_role("table")
    expect(table).to_have_count(1)
    expect(table.get_by_role("row").filter(has_text=words["total"])).to_contain_text("¥350.00")
    assert barriers(page) == []
    shot(page, picture)
    link = reports.get_by_role("link").first
    answer = page.request.get(str(link.get_attribute("href")))
    text = answer.body().decode("utf-8-sig")
    assert text.splitlines()[1].endswith(",main,1,100000,1,35000,6000")


@BOTH
def test_a_top_up_and_its_refund(
    signed_in: Opener, tea: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = opened(signed_in(console=tea, language=language, theme=theme), "stored-value")
    shot(page, f"stored-value-empty-{theme}-{language}")
    page.get_by_role("button", name=words["topUp"], exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=words["pay"], exact=True)).to_be_disabled()
    chosen(dialog, words)
    dialog.get_by_label(words["amount"], exact=True).fill("1,000")
    dialog.get_by_label(words["reference"], exact=True).fill("T-1")
    expect(dialog).to_contain_text(words["moves"])
    expect(dialog).to_contain_text(words["gives"])
    assert barriers(page) == []
    shot(page, f"stored-value-top-up-{theme}-{language}")
    dialog.get_by_role("button", name=words["pay"], exact=True).click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row").filter(has_text="T-1")
    expect(row).to_contain_text("¥1,000.00")
    expect(row.get_by_role("link", name="李娜")).to_be_visible()

    row.get_by_role("button", name=words["refundOf"]).click()
    expect(dialog).to_contain_text(words["takes"])
    expect(dialog).to_contain_text(words["back"])
    assert barriers(page) == []
    shot(page, f"stored-value-refund-{theme}-{language}")
    dialog.get_by_text(words["part"], exact=True).click()
    with watch_of(page).refusals("POST /api/v1/activities/preview 409"):
        dialog.get_by_label(words["partAmount"], exact=True).fill("1000.01")
        expect(dialog).to_contain_text(words["spent"])
        expect(dialog.get_by_role("button", name=words["go"], exact=True)).to_be_disabled()
    dialog.get_by_label(words["partAmount"], exact=True).fill("350")
    expect(dialog).to_contain_text(words["partTakes"])
    dialog.get_by_role("button", name=words["go"], exact=True).click()
    expect(row).to_contain_text("¥350.00")
    shot(page, f"stored-value-{theme}-{language}")
    assert barriers(page) == []

    told_by_day(page, words, f"stored-value-days-{theme}-{language}")


@BOTH
def test_a_pass_is_given_used_and_undone(
    signed_in: Opener, tea: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = opened(signed_in(console=tea, language=language, theme=theme), "passes")
    shot(page, f"passes-empty-{theme}-{language}")
    page.get_by_role("button", name=words["give"]).click()
    dialog = page.get_by_role("dialog")
    chosen(dialog, words)
    dialog.get_by_label(words["howMany"]).fill("5")
    dialog.get_by_label(words["reason"], exact=True).fill("bought at the desk")
    expect(dialog).to_contain_text(words["moves"])
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["doGive"], exact=True).click()
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name=words["use"], exact=True).click()
    chosen(dialog, words)
    dialog.get_by_label(words["howMany"]).fill("2")
    expect(dialog).to_contain_text(words["moves"])
    shot(page, f"passes-use-{theme}-{language}")
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["doUse"], exact=True).click()
    row = page.get_by_role("row").last
    expect(row).to_contain_text(words["used"])
    shot(page, f"passes-{theme}-{language}")
    table = tab(page, words["days"]).get_by_role("table")
    expect(table.get_by_role("row").filter(has_text=words["total"])).to_contain_text("2")
    shot(page, f"passes-days-{theme}-{language}")
    page.get_by_role("tab").first.click()

    row.get_by_role("button", name=words["undoOf"]).click()
    dialog.get_by_label(words["reason"]).fill("the wrong member")
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["undo"], exact=True).click()
    expect(row).to_contain_text(words["undone"])
    assert barriers(page) == []


def test_a_clerk_books_and_is_shown_no_reports(signed_in: Opener, tea: Console) -> None:
    page = opened(signed_in("clerk", console=tea, width=320, height=800), "stored-value")
    words = WORDS["zh"]
    expect(page.get_by_role("tab")).to_have_count(1)
    page.get_by_role("button", name=words["topUp"], exact=True).click()
    dialog = page.get_by_role("dialog")
    chosen(dialog, words)
    assert sideways(page) == 0
    assert barriers(page) == []
    opened(page, "coupons")
    expect(page.get_by_role("button", name=words["issue"])).to_have_count(0)
    assert sideways(page) == 0


def test_somebody_of_a_store_sees_and_does_what_is_of_it(signed_in: Opener, tea: Console) -> None:
    words, login = WORDS["zh"], f"wash-{uuid.uuid4().hex[:8]}"
    with tea.scope():
        staff.add_staff(
            login=login,
            name="Wu",
            role="manager",
            password=PASSWORD,
            stores=("carwash",),
            at=tea.now,
        )
    page = opened(signed_in(console=tea, login=login, width=1024, height=768), "passes")
    page.get_by_role("button", name=words["use"], exact=True).click()
    dialog = page.get_by_role("dialog")
    # Of both passes one is taken there.
    expect(dialog.get_by_role("alert")).to_be_visible()
    choose(dialog.get_by_role("combobox", name=words["pass"]))
    page.get_by_role("option", name="洗车").click()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    tab(page, words["days"])
    assert barriers(page) == []
    shot(page, "passes-1024")
    opened(page, "stored-value")
    shot(page, "stored-value-1024")
    opened(page, "coupons")
    shot(page, "coupons-1024")
