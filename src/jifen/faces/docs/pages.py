"""Which pages there are, and in which files they stand."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
PICTURES: Final = {".png": "image/png", ".svg": "image/svg+xml", ".webp": "image/webp"}
_CHINESE: Final = "zh"
_HERE: Final = Path(__file__).resolve()
_CHECKOUT: Final = _HERE.parents[4]
_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "shop",
        (
            "console",
            "members",
            "rules",
            "what-if",
            "tiers",
            "offset",
            "expiry",
            "notices",
            "reports",
        ),
    ),
    (
        "ways",
        ("import", "export", "transfers", "wallet", "checkout", "holds", "pending", "refunds"),
    ),
    ("machines", ("api", "operations", "speed")),
    ("inside", ("architecture", "walk", "ledger", "guarantees", "online-retail", "decisions")),
)
"""The pages that a reader chooses from; decisions are listed on a page of their own."""
IN_CHINESE: Final = {
    "console": "管理后台",
    "members": "会员",
    "rules": "得分规则",
    "what-if": "草稿的影响",
    "tiers": "等级与权益",
    "offset": "积分抵现",
    "expiry": "有效期",
    "notices": "到期提醒与清零",
    "reports": "报表",
    "import": "导入",
    "export": "导出",
    "transfers": "转赠与赠送",
    "wallet": "储值、优惠券、计次卡",
    "checkout": "结算",
    "holds": "积分冻结",
    "pending": "待入账",
    "refunds": "退款",
    "api": "REST API",
    "operations": "部署与运行",
    "speed": "速度实测",
    "architecture": "架构",
    "walk": "一笔订单的旅程",
    "ledger": "账本",
    "guarantees": "保证",
    "online-retail": "真实数据",
    "decisions": "设计决定",
}
"""What the pages are called where one chooses from them in Chinese, also those in English only."""


class UnknownPage(LookupError):
    """The documentation has no such page or picture."""


class Source(NamedTuple):
    """A file of the documentation, the language in which it was asked for and the one it is in."""

    name: str
    path: Path
    asked: Language
    language: Language


def folder() -> Path:
    """Where the pages stand: in the checkout, else in the package, where the build puts them."""
    checkout = _CHECKOUT / "docs"
    return checkout if (_CHECKOUT / "pyproject.toml").is_file() else _HERE.parent / "pages"


def names() -> frozenset[str]:
    """Every page by its name, such as ``members`` or ``decisions/0001-own-scope-manager``."""
    return frozenset(_english())


def sources(language: Language) -> dict[str, Source]:
    """The file of each page in a language, or the English one."""
    chinese = _files(folder() / _CHINESE) if language == "zh" else {}
    return {
        name: Source(name, chinese.get(name, path), language, "zh" if name in chinese else "en")
        for name, path in _english().items()
    }


def source(name: str, language: Language) -> Source:
    """The file of a page. Raises :class:`UnknownPage`."""
    try:
        return sources(language)[name]
    except KeyError:
        raise UnknownPage("the documentation has no such page") from None


def translated() -> frozenset[str]:
    """Every page that is there in Chinese, too."""
    return frozenset(_files(folder() / _CHINESE))


def picture(name: str) -> Path:
    """A picture of the documentation. Raises :class:`UnknownPage`."""
    place = folder()
    found = {
        path.relative_to(place).as_posix(): path
        for path in place.rglob("*")
        if path.suffix in PICTURES
    }
    if name not in found:
        raise UnknownPage("the documentation has no such picture")
    return found[name]


def title(found: Source) -> str:
    """The title of a page."""
    return _title(found.path, found.path.stat().st_mtime_ns)


def name_of(path: Path) -> str | None:
    """The name of the page that stands in a file; None where it is none of ours."""
    try:
        relative = path.relative_to(folder())
    except ValueError:
        return None
    named = _named(relative)
    return named if named in names() else None


def _named(relative: Path) -> str:
    plain = relative.with_suffix("")
    return (plain.parent if plain.name == "README" else plain).as_posix()


def _english() -> dict[str, Path]:
    found = _files(folder())
    return {name: path for name, path in found.items() if name.split("/")[0] != _CHINESE}


def _files(place: Path) -> dict[str, Path]:
    return {_named(path.relative_to(place)): path for path in sorted(place.rglob("*.md"))}


@lru_cache(maxsize=256)
def _title(path: Path, _changed_at: int) -> str:
    found = _TITLE.search(path.read_text(encoding="utf-8"))
    return found[1] if found else path.stem
