"""The documentation as it is served: in two languages, under its policy, and nothing else."""

import pytest
from django.test import Client as HttpClient


@pytest.fixture
def http() -> HttpClient:
    return HttpClient()


@pytest.mark.parametrize(
    ("path", "accepted", "leads_to"),
    [
        ("", "zh-CN", "/docs/zh/"),
        ("", "en", "/docs/en/"),
        ("console", "en-GB", "/docs/en/console"),
        ("decisions", "zh", "/docs/zh/decisions"),
    ],
)
def test_a_page_is_found_in_the_readers_language(
    http: HttpClient, path: str, accepted: str, leads_to: str
) -> None:
    answer = http.get(f"/docs/{path}", headers={"Accept-Language": accepted})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)
    assert http.get(leads_to).status_code == 200


def test_a_page_in_each_language(http: HttpClient) -> None:
    english, chinese = (http.get(f"/docs/{each}/console").content.decode() for each in ("en", "zh"))
    assert '<h2 id="roles">Roles</h2>' in english
    assert '<h2 id="roles">角色</h2>' in chinese
    assert '<html lang="zh-CN">' in chinese
    only = http.get("/docs/zh/ledger").content.decode()
    assert "此页只有英文。" in only
    assert '<article lang="en">' in only
    assert "此页只有英文。" not in chinese


def test_it_runs_under_a_strict_policy(http: HttpClient) -> None:
    for path in ("en/", "en/console", "en/nothing"):
        answer = http.get(f"/docs/{path}")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        page = answer.content.decode()
        assert "style=" not in page
        assert page.count("<script") == page.count('<script src="/static/')


@pytest.mark.parametrize(
    "path",
    [
        "en/nothing",
        "nothing",
        "en/..%2f..%2fREADME",
        "en/../../pyproject.toml",
        "pictures/../console.md",
        "pictures/console.md",
        "pictures/%2e%2e/%2e%2e/pyproject.toml",
        "pictures//etc/passwd",
        "//evil.example",
        "fr/console",
    ],
)
def test_nothing_else_is_served(http: HttpClient, path: str) -> None:
    assert http.get(f"/docs/{path}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(http: HttpClient, method: str) -> None:
    assert getattr(http, method)("/docs/en/console").status_code == 405
