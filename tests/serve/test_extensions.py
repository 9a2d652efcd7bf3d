"""Which extensions of the front end a page loads."""

from __future__ import annotations

from typing import Any

from nbapp.serve.extensions import OURS, installed, wanted

WIDGETS: dict[str, Any] = {
    "jupyterlab": {"extension": True, "sharedPackages": {"@jupyter-widgets/base": {"bundled": False}}}
}


def test_extensions_for_widgets_and_for_outputs_are_loaded_and_others_are_not() -> None:
    packages: dict[str, Any] = {
        "anywidget": WIDGETS,
        "plotly-renderer": {"jupyterlab": {"mimeExtension": True}},
        "jupyter-server-proxy": {"jupyterlab": {"extension": True}},
        "theme": {"jupyterlab": {"extension": True, "themePath": "style"}},
        "nothing": {},
        "@voila-dashboards/widgets-manager7": WIDGETS,
    }
    assert wanted(packages) == [*OURS, "anywidget", "plotly-renderer"]


def test_the_two_that_every_page_needs_are_installed_and_each_is_named_once() -> None:
    assert set(OURS) <= installed().keys()
    assert len(wanted(installed())) == len(set(wanted(installed())))
