"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from jifen.common.process import serve_many, settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jifen.config.settings")

application = get_wsgi_application()
# Imports every view, which Django would leave to the first request.
_patterns = get_resolver().url_patterns
settle()
serve_many()
