"""Which extensions of the front end a page loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbapp.serve.extensions import OURS, installed, split, used, wanted

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


def test_an_extension_whose_code_takes_the_base_of_widgets_needs_no_word_of_it_in_its_package(tmp_path: Path) -> None:
    def package(entry: str) -> dict[str, Any]:
        return {"ext_path": str(tmp_path), "jupyterlab": {"_build": {"load": entry, "extension": "./extension"}}}

    (tmp_path / "widgets.js").write_text('consume("default", "@jupyter-widgets/base", [1, 6])')
    (tmp_path / "menu.js").write_text('consume("default", "@jupyterlab/application", [1, 4])')
    packages = {"silent": package("widgets.js"), "menu": package("menu.js"), "broken": package("gone.js")}
    assert wanted(packages) == [*OURS, "silent"]


def test_anywidget_is_loaded_as_it_is_installed() -> None:
    assert "anywidget" in wanted(installed())


def test_the_two_that_every_page_needs_are_installed_and_each_is_named_once() -> None:
    assert set(OURS) <= installed().keys()
    assert len(wanted(installed())) == len(set(wanted(installed())))


def test_a_page_used_the_extensions_of_which_it_asked_for_more_than_what_they_have(tmp_path: Path) -> None:
    (tmp_path / "real" / "static").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    packages = {"linked": {"ext_path": str(tmp_path / "linked")}, "other": {"ext_path": str(tmp_path / "re")}, "no": {}}
    static = tmp_path / "real" / "static"
    assert used([static / "remoteEntry.0a1b.js", tmp_path / "voila.js"], packages) == frozenset()
    assert used([static / "remoteEntry.0a1b.js", static / "1.0a1b.js"], packages) == {"linked"}


def test_a_page_loads_at_once_what_was_used_and_what_every_page_needs() -> None:
    told = [{"name": name} for name in ("anywidget", OURS[0], "bqplot", OURS[1])]
    at_once, later = split(told, ["bqplot"])
    assert [each["name"] for each in at_once] == [OURS[0], "bqplot", OURS[1]]
    assert [each["name"] for each in later] == ["anywidget"]
