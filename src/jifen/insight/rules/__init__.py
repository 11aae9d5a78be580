"""Pure rules of the insight room."""
