"""People at the console: a real browser, a real server, a real database."""
