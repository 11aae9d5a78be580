"""Pure rules of the audience room."""
