"""A property that takes long on a busy machine is not false; where `CI` is set, its examples are always the same."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
