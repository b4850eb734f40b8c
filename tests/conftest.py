"""The same tests wherever they are started: one profile for property tests, and Ctrl-C heard."""

import signal

from hypothesis import settings

# The same examples in every run, and no clock.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# A shell without job control has what it starts with `&` ignore Ctrl-C, and all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
