"""The console's page as it is served: one page, its policy, and files that a browser may keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client as HttpClient
from django.test import override_settings

from jifen.faces.console import page

BUILT = b"<!doctype html><title>console</title>"


@pytest.fixture
def http() -> HttpClient:
    return HttpClient()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A page that was built just now, whatever stands in the checkout."""
    place = tmp_path / "page.html"
    place.write_bytes(BUILT)
    monkeypatch.setattr(page, "PAGE", place)
    page._built.cache_clear()
    yield place
    page._built.cache_clear()


@pytest.mark.parametrize("path", ["", "members", "members/0197?tab=lots", "no/such/page"])
def test_every_address_answers_the_page(http: HttpClient, built: Path, path: str) -> None:
    answer = http.get(f"/console/{path}")
    assert (answer.status_code, answer.content) == (200, BUILT)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_root_leads_to_it(http: HttpClient) -> None:
    answer = http.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")


def test_it_runs_under_a_strict_policy(http: HttpClient, built: Path) -> None:
    headers = http.get("/console/").headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(
        " ".join(policy.values()).split()
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_head_has_no_body(http: HttpClient, built: Path) -> None:
    answer = http.head("/console/staff")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_is_only_read(http: HttpClient, built: Path, method: str) -> None:
    answer = getattr(http, method)("/console/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_new_build_is_seen_at_once(http: HttpClient, built: Path) -> None:
    http.get("/console/")
    built.write_bytes(BUILT + b"2")
    assert http.get("/console/").content == BUILT + b"2"


def test_without_a_build_it_says_what_to_do(
    http: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "nothing.html")
    answer = http.get("/console/")
    assert answer.status_code == 503
    assert answer.content == b"The console has not been built. Run: make console\n"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_files_whose_names_tell_what_is_in_them_are_kept(
    tmp_path: Path,
) -> None:
    asset = tmp_path / "console/assets/index-B1c2d3.js"
    asset.parent.mkdir(parents=True)
    asset.write_bytes(b"export {}")
    asset.with_name("index-B1c2d3.js.gz").write_bytes(b"packed")
    (tmp_path / "console/robots.txt").write_bytes(b"")
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        served = HttpClient()
        kept = served.get("/static/console/assets/index-B1c2d3.js")
        assert kept.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        packed = served.get(
            "/static/console/assets/index-B1c2d3.js", headers={"Accept-Encoding": "gzip"}
        )
        assert packed.headers["Content-Encoding"] == "gzip"
        other = served.get("/static/console/robots.txt")
        assert "immutable" not in other.headers["Cache-Control"]
