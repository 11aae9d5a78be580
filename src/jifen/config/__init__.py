"""Settings, addresses and the WSGI entry. Nothing imports this package; it is named by string."""
