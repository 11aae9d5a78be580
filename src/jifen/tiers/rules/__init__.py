"""Pure rules of the tiers room: what is in force at a time, and what is over."""
