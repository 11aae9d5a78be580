"""Pure rules of the ledger: every movement from an account's state to the next one."""
