"""What an order cost a member, in sentences: every step of the checkout with its amounts."""

from __future__ import annotations

from typing import Final

from jifen.earning.rules.messages import MESSAGES, Language
from jifen.wallet.types import Price

SYMBOLS: Final = {"CNY": "¥", "GBP": "£", "EUR": "€", "USD": "$"}
"""What stands before money, by currency."""


def money(minor: int, symbol: str, digits: int = 2) -> str:
    """``19999`` → ``¥199.99``, ``100`` → ``¥1``."""
    whole, rest = divmod(minor, 10**digits)
    places = f".{rest:0{digits}}" if rest else ""
    return f"{symbol}{whole}{places}"


def price_sentences(
    price: Price, language: Language, *, symbol: str = "", digits: int = 2
) -> list[str]:
    """One sentence for each step, and what is left to pay in money."""
    messages = MESSAGES[language]
    told = [
        messages[f"price:{step.step}"].format(
            code=step.code,
            points=step.points,
            before=money(step.before_minor, symbol, digits),
            off=money(step.off_minor, symbol, digits),
            after=money(step.after_minor, symbol, digits),
        )
        for step in price.steps
    ]
    return [*told, messages["price:due"].format(due=money(price.due_minor, symbol, digits))]
