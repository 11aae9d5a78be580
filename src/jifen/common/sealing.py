"""Secrets that have to be read again, sealed with a key that comes from the server's secret key.

What only has to be recognised (passwords, API keys, recovery codes) is kept as a digest instead.
Whoever has the database and not the secret key reads nothing of what is sealed. Each seal is for
one ``purpose`` ("second factor of …"): taken out of its row, it opens nothing elsewhere.
"""

from __future__ import annotations

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_SALT: Final = b"jifen sealing 1"
_KEY_BYTES: Final = 32


class NotOurSeal(ValueError):
    """It was sealed with another secret key or for another purpose, or it was changed."""


def seal(secret: str, *, purpose: str) -> str:
    """The secret, sealed with the key of now."""
    return _box(settings.SECRET_KEY, purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The secret, sealed with the key of now or a former one. Raises :class:`NotOurSeal`."""
    try:
        return _boxes(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise NotOurSeal("sealed with another key, or for another purpose") from None


def renewed(sealed: str, *, purpose: str) -> str:
    """The same secret under the key of now; untouched where it is already. Raises
    :class:`NotOurSeal`."""
    try:
        _box(settings.SECRET_KEY, purpose).decrypt(sealed.encode())
    except InvalidToken:
        return seal(unseal(sealed, purpose=purpose), purpose=purpose)
    return sealed


def _boxes(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_box(key, purpose) for key in keys])


def _box(secret_key: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=_KEY_BYTES, salt=_SALT, info=purpose.encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
