"""A second factor, stores, and a phone shown whole, as people meet them."""

import os
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyotp
import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import PASSWORD, ROOT, Console
from tests.browser.test_sign_in import fill
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.programmes import services as programmes

Opener = Callable[..., Page]
SHOTS: Final = Path(os.environ.get("JIFEN_SCREENSHOTS", ROOT / "var/screenshots"))
WORDS: Final[dict[str, dict[str, Any]]] = {
    "zh": {
        "account": re.compile("：账号$"),
        "factor": "二次验证",
        "password": "当前密码",
        "next": "下一步",
        "on": "启用",
        "code": "验证码",
        "picture": "供验证器扫描的二维码",
        "spare": "恢复码",
        "kept": "已抄下",
        "out": "退出登录",
        "go": "登录",
        "again": "换个账号登录",
        "wrong": "账号或密码不正确。",
        "reset": "重置二次验证",
        "reason": "原因",
        "has": "已启用二次验证",
        "off": "关闭二次验证",
        "done": "二次验证已关闭",
    },
    "en": {
        "account": re.compile(": account$"),
        "factor": "Second factor",
        "password": "Your password",
        "next": "Go on",
        "on": "Turn on",
        "code": "Code",
        "picture": "A code for your authenticator to scan",
        "spare": "Recovery codes",
        "kept": "I have kept them",
        "out": "Sign out",
        "go": "Sign in",
        "again": "Sign in as somebody else",
        "wrong": "The login or the password is wrong.",
        "reset": "Reset second factor",
        "reason": "Reason",
        "has": "Second factor on",
        "off": "Turn off",
        "done": "The second factor is off",
    },
}


def shot(page: Page, name: str) -> None:
    """A picture, where pictures are asked for."""
    if "JIFEN_SCREENSHOTS" in os.environ:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_set_up_asked_for_and_reset(
    open_page: Opener, signed_in: Opener, console: Console, language: str, theme: str
) -> None:
    words, name = WORDS[language], f"Fang {uuid.uuid4().hex[:6]}"
    login = console.person("clerk", name=name)
    page = open_page(language=language, theme=theme)
    page.goto("sign-in")
    fill(page, language, login, PASSWORD)
    page.get_by_role("button", name=words["account"]).click()
    page.get_by_role("menuitem", name=words["factor"]).click()
    dialog = page.get_by_role("dialog", name=words["factor"])
    dialog.get_by_label(words["password"]).fill(PASSWORD)
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["next"]).click()
    expect(dialog.get_by_role("img", name=words["picture"])).to_be_visible()
    drawn = dialog.get_by_role("img", name=words["picture"]).evaluate("image => image.naturalWidth")
    assert drawn > 20, "the picture is no picture"
    phone = pyotp.TOTP(dialog.locator("code").inner_text())
    shot(page, f"factor-scan-{theme}-{language}")
    assert barriers(page) == []
    dialog.get_by_label(words["code"]).fill(phone.at(datetime.now(UTC)))
    dialog.get_by_role("button", name=words["on"], exact=True).click()
    codes = dialog.get_by_role("list", name=words["spare"]).get_by_role("listitem")
    expect(codes).to_have_count(10)
    spare = codes.first.inner_text()
    shot(page, f"factor-keep-{theme}-{language}")
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["kept"]).click()
    expect(dialog).to_be_hidden()
    assert spare not in page.content()
    page.get_by_role("button", name=words["account"]).click()
    page.get_by_role("menuitem", name=words["out"]).click()

    asks_for_a_code(page, language, theme, login, spare)
    is_reset(signed_in(language=language, theme=theme), words, name, theme)


def asks_for_a_code(page: Page, language: str, theme: str, login: str, spare: str) -> None:
    """Sign in again, first with a wrong code."""
    words = WORDS[language]
    with watch_of(page).refusals("POST /api/v1/session 401"):
        fill(page, language, login, PASSWORD)
        expect(page.get_by_label(words["code"], exact=True)).to_be_visible()
        shot(page, f"sign-in-code-{theme}-{language}")
        assert barriers(page) == []
        assert sideways(page) == 0
        page.get_by_label(words["code"], exact=True).fill("000000")
        page.get_by_role("button", name=words["go"], exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text(words["wrong"])
    page.get_by_label(words["code"], exact=True).fill(spare)
    page.get_by_role("button", name=words["go"], exact=True).click()
    expect(page).to_have_url(re.compile("/console/members$"))


def is_reset(owner: Page, words: dict[str, Any], name: str, theme: str) -> None:
    """An owner takes it away."""
    owner.goto("staff")
    row = owner.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text(words["has"])
    row.get_by_role("button", name=words["reset"]).click()
    asked = owner.get_by_role("dialog")
    asked.get_by_label(words["reason"]).fill("lost the phone")
    shot(owner, f"factor-reset-{theme}")
    assert barriers(owner) == []
    asked.get_by_role("button", name=words["reset"]).click()
    expect(row).not_to_contain_text(words["has"])


def test_turned_off_with_password_and_code(open_page: Opener, console: Console) -> None:
    words, login = WORDS["zh"], console.person("clerk", name="Gao")
    token = console.session(login)
    page = open_page(token=token)
    page.goto("members")
    settled(page)

    def opened() -> Any:
        page.get_by_role("button", name=words["account"]).click()
        page.get_by_role("menuitem", name=words["factor"]).click()
        return page.get_by_role("dialog", name=words["factor"])

    dialog = opened()
    dialog.get_by_label(words["password"]).fill(PASSWORD)
    dialog.get_by_role("button", name=words["next"]).click()
    phone = pyotp.TOTP(dialog.locator("code").inner_text())
    now = datetime.now(UTC)
    dialog.get_by_label(words["code"]).fill(phone.at(now))
    dialog.get_by_role("button", name=words["on"], exact=True).click()
    dialog.get_by_role("button", name=words["kept"]).click()
    expect(dialog).to_be_hidden()
    dialog = opened()
    dialog.get_by_label(words["password"]).fill(PASSWORD)
    dialog.get_by_label(words["code"]).fill(phone.at(now + timedelta(seconds=30)))
    assert barriers(page) == []
    dialog.get_by_role("button", name=words["off"]).click()
    expect(page.get_by_text(words["done"])).to_be_visible()


def test_somebody_is_given_stores(signed_in: Opener, console: Console) -> None:
    own = Console(console.url)
    with own.scope():
        programmes.add_store(code="north", name="北门店", merchant="main")
    own.person("clerk", name="周敏")
    page = signed_in(console=own)
    page.goto("staff")
    settled(page)
    row = page.get_by_role("row").filter(has_text="周敏")
    expect(row).to_contain_text("全部门店")
    row.get_by_role("button", name="修改：周敏").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="门店").press("Enter")
    page.get_by_role("option", name="北门店").click()
    page.keyboard.press("Escape")
    shot(page, "person-stores")
    dialog.get_by_role("button", name="保存").click()
    expect(row).to_contain_text("北门店")
    expect(row).not_to_contain_text("全部门店")
    shot(page, "staff-stores")
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_is_shown_whole_on_record(
    signed_in: Opener, console: Console, language: str
) -> None:
    own = Console(console.url)
    page = signed_in(console=own, language=language)
    page.goto(f"members/{own.members['李娜']}")
    settled(page)
    assert "13812342186" not in page.content()
    show = {"zh": "显示完整", "en": "Show in full"}[language]
    page.get_by_role("button", name=show).click()
    expect(page.get_by_text("+8613812342186")).to_be_visible()
    assert barriers(page) == []
    page.goto("acts")
    settled(page)
    told = {"zh": "查看完整联系方式", "en": "Show a member in full"}[language]
    expect(page.get_by_role("row").filter(has_text=told)).to_have_count(1)
    clerk = signed_in("clerk", console=own, language=language)
    clerk.goto(f"members/{own.members['李娜']}")
    settled(clerk)
    expect(clerk.get_by_role("button", name=show)).to_have_count(0)
