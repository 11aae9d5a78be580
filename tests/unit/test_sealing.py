"""Secrets that are kept sealed: who opens them, and who does not."""

import pytest
from django.test import override_settings

from jifen.common.sealing import NotOurSeal, renewed, seal, unseal

SECRET, OF, OTHER = "JBSWY3DPEHPK3PXP", "second factor of a", "second factor of b"
FIRST, SECOND = "one long secret key", "another long secret key"


def test_what_is_sealed_shows_nothing_and_opens_again() -> None:
    with override_settings(SECRET_KEY=FIRST):
        sealed = seal(SECRET, purpose=OF)
        assert SECRET not in sealed
        assert sealed != seal(SECRET, purpose=OF), "equal secrets do not look alike"
        assert unseal(sealed, purpose=OF) == SECRET


def test_another_key_another_purpose_or_a_change_opens_nothing() -> None:
    with override_settings(SECRET_KEY=FIRST):
        sealed = seal(SECRET, purpose=OF)
        for wrong, purpose in ((sealed, OTHER), (SECRET, OF), (sealed[:-6] + "AAAAA=", OF)):
            with pytest.raises(NotOurSeal):
                unseal(wrong, purpose=purpose)
    with override_settings(SECRET_KEY=SECOND), pytest.raises(NotOurSeal):
        unseal(sealed, purpose=OF)


def test_a_former_key_is_still_read_and_gives_way_to_the_new_one() -> None:
    with override_settings(SECRET_KEY=FIRST):
        sealed = seal(SECRET, purpose=OF)
        assert renewed(sealed, purpose=OF) == sealed
    with override_settings(SECRET_KEY=SECOND, SECRET_KEY_FALLBACKS=[FIRST]):
        assert unseal(sealed, purpose=OF) == SECRET
        anew = renewed(sealed, purpose=OF)
    with override_settings(SECRET_KEY=SECOND):
        assert unseal(anew, purpose=OF) == SECRET
