"""Apps on a JupyterHub: `configure` for its administrator, and what the Hub starts for a shared notebook.

An app is a server of its own beside its owner's, named `app-<name>`, that can do nothing but show the app. Importing
this package needs neither Jupyter nor Voila, as it is imported by the Hub.
"""

from __future__ import annotations

from nbapp.hub.admin import configure

__all__ = ["configure"]
