"""Small things that apps need and ipywidgets lacks: `from nbapp import ui`. In a notebook without nbapp they work too.

Controls return their value and display an ordinary widget beside it. The walk knows nothing of them.
"""

from nbapp.ui.button import button
from nbapp.ui.download import Download, download
from nbapp.ui.form import form
from nbapp.ui.inputs import checkbox, date, number, select, slider, text
from nbapp.ui.metric import metric
from nbapp.ui.progress import progress
from nbapp.ui.stop import stop
from nbapp.ui.table import table
from nbapp.ui.upload import UploadedFile, upload
from nbapp.ui.write import write

__all__ = [
    "Download",
    "UploadedFile",
    "button",
    "checkbox",
    "date",
    "download",
    "form",
    "metric",
    "number",
    "progress",
    "select",
    "slider",
    "stop",
    "table",
    "text",
    "upload",
    "write",
]
