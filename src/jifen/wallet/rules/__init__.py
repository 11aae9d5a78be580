"""Pure rules of the wallet: what a basket costs, what a refund gives back, a coupon's states."""
