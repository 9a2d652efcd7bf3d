"""What a person sees of a notebook, as leaves: paths with texts, equal in two kernels when they show the same.

A view of a widget is replaced by what it shows: its class, its state, and that of the widgets inside, so that no id is
left. Addresses, ids, times and execution counts are taken out of texts; pictures count by their digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Leaves = dict[str, str]
States = Mapping[str, Mapping[str, Any]]  # the state of each widget by its id, as a front end has it

_VIEW = "application/vnd.jupyter.widget-view+json"
_MODEL = "IPY_MODEL_"
_NOT_SEEN = frozenset(
    {"_model_module", "_model_module_version", "_view_module", "_view_module_version", "_view_count", "_view_name"}
    | {"msg_id", "tabbable", "tooltip", "_dom_classes", "error", "layout"}
)
_NOISE = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),
    (re.compile(r"\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\bT_[0-9a-f]{5}"), "T_…"),  # pandas' styles
    (re.compile(r"\b\d+(\.\d+)?(e-\d+)?\s?(ns|µs|μs|us|ms|s|sec|seconds)\b( ± [^)]*\))?"), "<time>"),
    (re.compile(r"\d+(\.\d+)?\s?(it/s|s/it)|\d\d:\d\d(<\d\d:\d\d)?"), "<time>"),
    (re.compile(r"(Cell )?In\s?\[\d+\]|<ipython-input-\d+[^>]*>|\S*/ipykernel_\d+/\d+\.py"), "<cell>"),
)


def leaves(outputs: Sequence[Sequence[Mapping[str, Any]]], states: States, *, tracebacks: bool) -> Leaves:
    """What the cells show, by paths such as `2/0/children/1/value`."""
    found: Leaves = {}
    for number, shown in enumerate(outputs):
        for path, leaf in _outputs(shown, states, (), tracebacks):
            found[f"{number}/{path}"] = leaf
    return found


def controls(outputs: Sequence[Sequence[Mapping[str, Any]]], states: States) -> dict[str, str]:
    """The ids of the widgets that are shown, by path: the first way to each."""
    found: dict[str, str] = {}
    for number, shown in enumerate(outputs):
        for path, model in _models(shown, states, str(number), frozenset()):
            if model not in found.values():
                found[path] = model
    return found


def _outputs(
    shown: Sequence[Mapping[str, Any]], states: States, inside: tuple[str, ...], tracebacks: bool
) -> Iterator[tuple[str, str]]:
    for number, output in enumerate(_merged(shown)):
        kind = output["output_type"]
        if kind == "stream":
            yield f"{number}/{output['name']}", plain(output["text"])
        elif kind == "error":
            yield f"{number}/error", plain(f"{output['ename']}: {output['evalue']}")
            if tracebacks:
                yield f"{number}/traceback", plain("\n".join(output["traceback"]))
        elif _VIEW in output["data"]:
            model = output["data"][_VIEW]["model_id"]
            for path, leaf in _widget(model, states, inside, tracebacks):
                yield f"{number}/{path}", leaf
        else:
            for mime, content in sorted(output["data"].items()):
                yield f"{number}/{mime}", _content(mime, content)


def _widget(model: str, states: States, inside: tuple[str, ...], tracebacks: bool) -> Iterator[tuple[str, str]]:
    if model in inside:
        return
    state = states.get(model)
    if state is None:
        yield "widget", "closed"
        return
    yield "widget", str(state.get("_model_name"))
    for name, value in sorted(state.items()):
        if name == "outputs" and isinstance(value, (list, tuple)):
            for path, leaf in _outputs(value, states, (*inside, model), tracebacks):
                yield f"outputs/{path}", leaf
        elif name not in _NOT_SEEN:
            for path, leaf in _value(name, value, states, (*inside, model), tracebacks):
                yield path, leaf


def _value(
    path: str, value: Any, states: States, inside: tuple[str, ...], tracebacks: bool
) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value.startswith(_MODEL):
        for inner, leaf in _widget(value[len(_MODEL) :], states, inside, tracebacks):
            yield f"{path}/{inner}", leaf
    elif isinstance(value, (list, tuple)) and any(_holds_models(part) for part in value):
        for number, part in enumerate(value):
            yield from _value(f"{path}/{number}", part, states, inside, tracebacks)
    elif isinstance(value, dict) and any(_holds_models(part) for part in value.values()):
        for key, part in value.items():
            yield from _value(f"{path}/{key}", part, states, inside, tracebacks)
    elif value is not None:
        yield path, plain(value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=digest))


def _models(
    shown: Sequence[Mapping[str, Any]], states: States, path: str, inside: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for number, output in enumerate(_merged(shown)):
        if _VIEW in output.get("data", {}):
            yield from _inner(output["data"][_VIEW]["model_id"], states, f"{path}/{number}", inside)


def _inner(model: str, states: States, path: str, inside: frozenset[str]) -> Iterator[tuple[str, str]]:
    state = states.get(model)
    if state is None or model in inside:
        return
    yield path, model
    inside = inside | {model}
    if isinstance(state.get("outputs"), (list, tuple)):
        yield from _models(state["outputs"], states, f"{path}/outputs", inside)
    for name in ("children", "titles", "figure", "toolbar"):
        value = state.get(name)
        for number, part in enumerate(value if isinstance(value, (list, tuple)) else [value]):
            if isinstance(part, str) and part.startswith(_MODEL):
                yield from _inner(part[len(_MODEL) :], states, f"{path}/{name}/{number}", inside)


def _holds_models(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_models, value))
    return isinstance(value, str) and value.startswith(_MODEL)


def _merged(shown: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Outputs with neighbouring texts of one stream in one."""
    merged: list[Mapping[str, Any]] = []
    for output in shown:
        last = merged[-1] if merged else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            merged[-1] = {**output, "text": last["text"] + output["text"]}
        elif output["output_type"] != "update_display_data":
            merged.append(output)
    return merged


def plain(text: str) -> str:
    """A text without what differs each time."""
    for noise, word in _NOISE:
        text = noise.sub(word, text)
    return text


def _content(mime: str, content: Any) -> str:
    if mime.startswith("image/") and mime != "image/svg+xml":
        return digest(content)
    text = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
    return plain(text)


def digest(content: Any) -> str:
    """What stands for a picture or other bytes."""
    raw = content if isinstance(content, (bytes, bytearray, memoryview)) else str(content).encode()
    return f"<{len(raw)} bytes {hashlib.sha256(raw).hexdigest()[:12]}>"
