"""Settings of every test: no deadlines, for no test measures time; the same examples each time where CI asks."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

from interop import matrix, processes

settings.register_profile("anymeter", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("anymeter")


def pytest_addoption(parser):
    """The page that keeps the interoperability matrix is written on request only."""
    parser.addoption("--interop-page", help="write the interoperability matrix of this run into this page")


def pytest_terminal_summary(terminalreporter):
    """Print the interoperability matrix, and keep it where that is asked for."""
    reports = [report for some in terminalreporter.stats.values() for report in some if hasattr(report, "when")]
    cells = {cell for report in reports if report.when == "call" for cell in matrix.cells_of(report.user_properties)}
    if not cells:
        return
    terminalreporter.section("interoperability")
    for line in matrix.table(cells):
        terminalreporter.write_line(line)
    page = terminalreporter.config.getoption("--interop-page")
    if page:
        path = Path(page)
        path.write_text(matrix.written_into(path.read_text(encoding="utf-8"), cells, processes.versions()), "utf-8")
