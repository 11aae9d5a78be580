"""The API of shops and partners: ``/api/v1/``, one address per noun, rights in ``urls``."""
