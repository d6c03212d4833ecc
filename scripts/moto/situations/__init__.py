"""Accounts in which each thing is one situation that a control has to tell apart.

What is right about each stands in cmd/stance/testdata/verdicts, in a table for
each module here. Everything is in one server: an account is reached by its role.
"""

import importlib

MODULES = ("storage", "identity", "trails", "messages", "settings", "organization")


def make(*names: str) -> None:
    for name in names or MODULES:
        importlib.import_module(f"situations.{name}").make()
