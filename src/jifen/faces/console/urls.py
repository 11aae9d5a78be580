"""The console's addresses."""

from django.urls import re_path

from jifen.faces.console.page import page

urlpatterns = [re_path("", page)]
