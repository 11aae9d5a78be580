"""Signing in, in both languages, and what happens when it does not go well."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import PASSWORD, Console
from tests.browser.watching import settled, watch_of

Opener = Callable[..., Page]
WORDS: Final = {
    "zh": {
        "login": "账号",
        "password": "密码",
        "go": "登录",
        "wrong": "账号或密码不正确。",
        "wait": r"尝试次数太多，请在 \d{4}/\d{2}/\d{2} \d{2}:\d{2} 之后再试。",
        "account": "林静：账号",
        "out": "退出登录",
    },
    "en": {
        "login": "Login",
        "password": "Password",
        "go": "Sign in",
        "wrong": "The login or the password is wrong.",
        "wait": r"Too many attempts. Try again after \d{2}/\d{2}/\d{4}, \d{2}:\d{2}.",
        "account": "林静: account",
        "out": "Sign out",
    },
}
REFUSED: Final = ("POST /api/v1/session 401", "POST /api/v1/session 429")


def fill(page: Page, language: str, login: str, password: str) -> None:
    """Fill the form in and send it by the keyboard."""
    words = WORDS[language]
    page.get_by_label(words["login"], exact=True).fill(login)
    page.get_by_label(words["password"], exact=True).fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_and_out(open_page: Opener, console: Console, language: str) -> None:
    page, words = open_page(language=language), WORDS[language]
    page.goto("")
    expect(page).to_have_url(re.compile(r"/console/sign-in\?to="))
    expect(page.get_by_role("button", name=words["go"], exact=True)).to_be_disabled()
    fill(page, language, console.owner.upper(), PASSWORD)
    expect(page).to_have_url(re.compile(r"/console/dashboard$"))
    cookies = page.context.cookies()
    assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Strict")]
    settled(page)
    page.get_by_role("button", name=words["account"]).click()
    page.get_by_role("menuitem", name=words["out"]).click()
    expect(page).to_have_url(re.compile(r"/console/sign-in"))
    page.goto("staff")
    expect(page).to_have_url(re.compile(r"/console/sign-in\?to=/staff"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_password_and_then_too_many(
    open_page: Opener, console: Console, language: str
) -> None:
    page, words = open_page(language=language), WORDS[language]
    login = console.person("clerk")
    page.goto("sign-in")
    with watch_of(page).refusals(*REFUSED):
        for attempt in range(5):
            with page.expect_response("**/api/v1/session"):
                fill(page, language, login, f"wrong {attempt}")
            expect(page.get_by_role("alert")).to_have_text(re.compile(re.escape(words["wrong"])))
        fill(page, language, login, PASSWORD)
        expect(page.get_by_role("alert")).to_have_text(re.compile(words["wait"]))
        assert PASSWORD not in page.content()
    expect(page).to_have_url(re.compile(r"/console/sign-in"))


def test_a_session_that_ends_leads_back_to_the_page(signed_in: Opener, console: Console) -> None:
    login = console.person("manager")
    page = signed_in(login=login)
    page.goto("staff")
    settled(page)
    ended = page.context.request.delete(
        f"{console.url}/api/v1/session", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert ended.status == 204
    with watch_of(page).refusals("GET /api/v1/staff 401", "GET /api/v1/staff/acts 401"):
        page.get_by_role("link", name="操作审计").click()
        expect(page).to_have_url(re.compile(r"/console/sign-in\?to=/acts"))
    fill(page, "zh", login, PASSWORD)
    expect(page).to_have_url(re.compile(r"/console/acts$"))


def test_it_leads_to_no_other_site(open_page: Opener, console: Console) -> None:
    for to in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        page = open_page()
        page.goto(f"sign-in?to={to}")
        fill(page, "zh", console.owner, PASSWORD)
        expect(page.get_by_role("button", name=WORDS["zh"]["account"])).to_be_visible()
        assert page.url.startswith(console.url)


def test_what_was_chosen_is_kept(open_page: Opener) -> None:
    page = open_page()
    page.goto("sign-in")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Dark theme").click()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to the console")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.classList.contains('dark')")


def test_ones_own_password(signed_in: Opener, console: Console) -> None:
    login = console.person("clerk", name="孙小雨")
    page = signed_in(login=login)
    page.goto("")
    settled(page)
    page.get_by_role("button", name="孙小雨：账号").click()
    page.get_by_role("menuitem", name="修改密码").click()
    dialog = page.get_by_role("dialog", name="修改密码")
    new = f"another tea house {uuid.uuid4().hex[:4]}"
    save = dialog.get_by_role("button", name="修改密码")

    def fill_in(old: str, chosen: str, again: str) -> None:
        dialog.get_by_label("当前密码", exact=True).fill(old)
        dialog.get_by_label("新密码", exact=True).fill(chosen)
        dialog.get_by_label("再输一遍新密码", exact=True).fill(again)
        page.keyboard.press("Tab")

    fill_in(PASSWORD, new, "something else")
    expect(dialog.get_by_role("alert")).to_have_text("两次输入的新密码不一致。")
    expect(save).to_be_disabled()
    with watch_of(page).refusals(
        "POST /api/v1/session/password 401", "POST /api/v1/session/password 422"
    ):
        fill_in("not this one", new, new)
        save.click()
        expect(dialog.get_by_role("alert")).to_contain_text("账号或密码不正确。")
        fill_in(PASSWORD, "1234567890", "1234567890")
        save.click()
        expect(dialog.get_by_role("alert")).to_contain_text("太常见，只有数字")
    fill_in(PASSWORD, new, new)
    save.click()
    expect(page).to_have_url(re.compile(r"/console/sign-in\?to=/members"))
    fill(page, "zh", login, new)
    expect(page.get_by_role("button", name="孙小雨：账号")).to_be_visible()
