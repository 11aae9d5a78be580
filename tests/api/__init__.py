"""Tests of the REST API, each through HTTP requests to a programme of its own."""
