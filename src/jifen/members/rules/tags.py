"""One spelling for each tag, so that equal ones are equal in the database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from jifen.members.types import InvalidTag

LONGEST_TAG: Final = 40
MOST_TAGS: Final = 50
"""Tags of one member."""


def normalise_tag(tag: str) -> str:
    """The stored spelling: NFKC, without case, one space between words; 1 to 40 characters."""
    plain = " ".join(unicodedata.normalize("NFKC", tag).casefold().split())
    plain = unicodedata.normalize("NFC", plain)
    if not plain or len(plain) > LONGEST_TAG or not plain.isprintable():
        raise InvalidTag(f"a tag is 1 to {LONGEST_TAG} printable characters")
    return plain


def normalise_tags(tags: Iterable[str]) -> frozenset[str]:
    """The stored spellings of some tags."""
    return frozenset(map(normalise_tag, tags))
