"""How much is tried: the same examples in each run, so that a red build is red again.

``HYPOTHESIS_PROFILE=search`` looks further, elsewhere each time, and for the smallest example.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "build",
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=_SLOW,
)
settings.register_profile("search", max_examples=1_000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "build"))
SEARCHING = "HYPOTHESIS_PROFILE" in os.environ
