"""The kinds of rule. A new kind is one file, one test, and its line here."""

from __future__ import annotations

from typing import Final, get_args

from jifen.earning.rules import (
    bands,
    behaviour,
    cap,
    category,
    exclude,
    first_order,
    product,
    promotion,
    rate,
    spend_threshold,
    tier,
    top_up,
)
from jifen.earning.rules.config import RuleConfig

Rule = (
    rate.Rate
    | bands.Bands
    | category.Category
    | product.Product
    | tier.Tier
    | promotion.Promotion
    | first_order.FirstOrder
    | spend_threshold.SpendThreshold
    | behaviour.Behaviour
    | top_up.TopUpRule
    | exclude.Exclude
    | cap.Cap
)
"""One rule of a document, told apart by ``kind``."""

KINDS: Final[dict[str, type[RuleConfig]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Rule)
}
"""Struct by kind, in the order in which consoles offer them."""
