"""The layout of a notebook's page for JupyterLab's preview, which has the cells itself: markup with a slot for each.

What stands where is decided as for the page (`tree.py`, `places.py`). Knows neither kernels nor how a region looks.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbapp.serve.layout.places import Place, places
from nbapp.serve.layout.settings import settings
from nbapp.serve.layout.tree import arrange


def preview(notebook: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """What a preview shows of a notebook, as JSON. `folder`: where the notebook stands, None when that is no folder.

    `markup` holds an empty `nbapp-slot` for each cell that a page has, `texts` what a text cell says where its heading
    became the title of a region, `page` the settings, `remarks` what makes no sense.
    """
    page = settings(notebook["metadata"], folder)
    found = places(notebook, page.sidebar)
    told = [*page.remarks, *arrange(notebook["cells"]).remarks]
    return {
        "markup": "".join(f"{place.before}{_slot(place)}{place.after}" for place in found),
        "texts": {place.leaf.cell_id: place.leaf.source for place in found if place.leaf.source is not None},
        "page": page.as_metadata(),
        "remarks": [str(remark) for remark in told],
    }


def _slot(place: Place) -> str:
    """The place of a cell, folded as the page's template folds it."""
    hiding = place.leaf.hiding
    inner = f'<div class="nbapp-slot" data-nbapp-cell="{html.escape(place.leaf.cell_id)}"></div>'
    for seen, title in ((hiding.output, "Output"), (hiding.whole, "Details")):
        if seen == "folded":
            region = f"fold {title} {place.leaf.cell_id}"
            opened = (
                f'<details class="nbapp-folded" data-nbapp-region="{html.escape(region)}"><summary>{title}</summary>'
            )
            inner = f"{opened}{inner}</details>"
    removed = " nbapp-removed" if hiding.removed else ""
    return f'<div class="{place.classes}{removed}">{inner}</div>'
