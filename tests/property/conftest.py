"""Properties are tried without a deadline: the first example pays for imports, and machines differ."""

from hypothesis import settings

settings.register_profile("epochsearch", deadline=None)
settings.load_profile("epochsearch")
