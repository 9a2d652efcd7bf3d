"""Small things that apps need and ipywidgets lacks: `from nbapp import ui`. In a notebook without nbapp they work too.

The engine knows nothing of them: they are ordinary widgets with ordinary callbacks.
"""

from nbapp.ui.download import Download, download
from nbapp.ui.metric import metric

__all__ = ["Download", "download", "metric"]
