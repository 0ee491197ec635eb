"""A property that takes its time once, on a busy machine, is not false."""

from hypothesis import settings

settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")
