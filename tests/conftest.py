"""One profile for all property tests: the same examples in every run, and no clock."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
