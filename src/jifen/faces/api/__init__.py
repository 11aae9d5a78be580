"""The REST faces: what every one of them shares, and the shops' API in ``open/``.

A request passes ``serving`` (request id, API key, right, scope, log line), then a view that
makes one domain call; whatever is raised becomes problem details in ``problems``.
"""
