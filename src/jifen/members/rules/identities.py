"""One spelling for each identity, so that equal ones are equal in the database."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from jifen.members.types import IdentityValue, InvalidEmail, InvalidIdentity, InvalidPhone

LONGEST: Final = 200
KINDS: Final = ("external", "phone", "email", "card", "wechat")
_PUNCTUATION: Final = re.compile(r"[\s().-]+")
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_MAINLAND: Final = re.compile(r"1[3-9][0-9]{9}")
_EMAIL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}"
)


def normalise(identity: IdentityValue) -> IdentityValue:
    """The stored spelling: phones in E.164 (mainland numbers may omit +86), e-mail addresses in
    small letters, others trimmed."""
    # Input methods write full-width digits, and accents in two ways: one spelling for each.
    form: Literal["NFKC", "NFC"] = "NFKC" if identity.kind in {"phone", "email"} else "NFC"
    value = unicodedata.normalize(form, identity.value).strip()
    if identity.kind not in KINDS:
        raise InvalidIdentity(f"unknown kind of identity {identity.kind!r}", kind=identity.kind)
    if not value or len(value) > LONGEST or not value.isprintable():
        raise InvalidIdentity("an identity is 1 to 200 printable characters", kind=identity.kind)
    if identity.kind == "phone":
        value = _phone(value)
    elif identity.kind == "email":
        value = _email(value)
    return IdentityValue(identity.kind, value)


def mask_phone(value: str) -> str:
    """``+8613812342186`` → ``138****2186``: enough to recognise, too little to call."""
    local = value.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}"


def mask_email(value: str) -> str:
    """``mei.li@example.com`` → ``m***@example.com``."""
    name, _, host = value.partition("@")
    return f"{name[:1]}***@{host}"


def masked(identity: IdentityValue) -> IdentityValue:
    """An identity as those may see it who may not reach the member by it."""
    if identity.kind == "phone":
        return IdentityValue(identity.kind, mask_phone(identity.value))
    if identity.kind == "email":
        return IdentityValue(identity.kind, mask_email(identity.value))
    return identity


def _email(value: str) -> str:
    plain = value.lower()
    if not _EMAIL.fullmatch(plain):
        raise InvalidEmail("not an e-mail address")
    return plain


def _phone(value: str) -> str:
    digits = _PUNCTUATION.sub("", value)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if _MAINLAND.fullmatch(digits):
        digits = "+86" + digits
    if not _INTERNATIONAL.fullmatch(digits):
        raise InvalidPhone("not a phone number: give +country and number, or 11 mainland digits")
    return digits
