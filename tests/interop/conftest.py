"""The peers' scripts run under another interpreter: they are neither imported nor searched for tests."""

from __future__ import annotations

import pytest

collect_ignore_glob = ["peers/*"]
pytest.register_assert_rewrite("interop.steps", "interop.meters")
