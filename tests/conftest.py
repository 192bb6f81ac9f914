"""What all tests have in common."""

from hypothesis import settings

# Machines are small and shared: how long an example takes says nothing.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")
