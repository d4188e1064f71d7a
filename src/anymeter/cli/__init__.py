"""The command line, one file a verb."""

from anymeter.cli.app import main

__all__ = ["main"]
