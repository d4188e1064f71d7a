"""Settings of every test: no deadlines, for no test measures time; the same examples each time where CI asks."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("anymeter", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("anymeter")
