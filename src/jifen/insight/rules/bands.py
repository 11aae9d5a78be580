"""The bands of the map of recency and frequency."""

from typing import Final

RECENCY_DAYS: Final = (7, 30, 90, 180, 365)
"""A band ends before so many days ago; the last one is as far as the map goes."""
ORDERS_FROM: Final = (1, 2, 4, 7, 11)
"""A band begins with so many kept orders."""
