"""Plugins that pytest wants named at the top."""

pytest_plugins = ["pytester"]
