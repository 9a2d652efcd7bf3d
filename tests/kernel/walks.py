"""A notebook in this process: ipywidgets on comms that only keep what was sent, and a walk as plain as can be."""

from __future__ import annotations

import dis
import hashlib
import pickle
import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import comm
import ipywidgets
from comm.base_comm import BaseComm
from ipywidgets import Widget
from ipywidgets.widgets import widget as all_widgets

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.effects import Effects
from nbapp.kernel.widgets.widgets import Widgets, open_widgets
from nbapp.values.digest import Digest, Opaque


class KeepingComm(BaseComm):
    """Keeps what it is asked to send."""

    sent: list[tuple[str, str, dict[str, Any]]] = []

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        self.sent.append((msg_type, self.comm_id, data or {}))


def plain_digest(value: object) -> Digest:
    """A digest for tests: functions by their code, everything else by its pickle."""

    class Pickler(pickle._Pickler):  # the one that can be overridden
        def reducer_override(self, item: Any) -> Any:
            if isinstance(item, types.FunctionType):
                cells = [cell.cell_contents for cell in item.__closure__ or ()]
                return str, (item.__code__.co_code.hex() + repr(item.__code__.co_consts), repr(cells)[:0])
            if isinstance(item, Widget):
                return str, (item.comm.comm_id if item.comm else "closed",)
            return NotImplemented

    class Sink:
        def __init__(self) -> None:
            self.hash = hashlib.blake2b()

        def write(self, chunk: bytes) -> int:
            self.hash.update(chunk)
            return len(chunk)

    sink = Sink()
    try:
        Pickler(sink, 5).dump(value)
    except Exception as error:
        raise Opaque(str(error)) from error
    return Digest(sink.hash.hexdigest()[:16])


@dataclass
class Record:
    """An execution of a cell, and what it depended on."""

    source: str
    reads: dict[str, Digest]
    names: dict[str, str]
    after: dict[str, Any]
    effects: Effects


@dataclass
class Walks:
    """Cells in order, walked as nbapp does: a cell whose record still holds is skipped."""

    widgets: Widgets
    touched: list[int] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    space: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    records: dict[str, list[Record]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    ran: list[str] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)

    def walk(self, **cells: str) -> list[str]:
        """Edit or add cells, then walk; the ids of the cells that executed."""
        self.cells.update(cells)
        self.widgets.apply()
        for name in self.space.keys() - {"__builtins__", *self.given}:
            del self.space[name]
        self.ran = []
        self.failed = {}
        self.widgets.begin_walk()
        for name in self.cells:
            self._bring(name)
            if self.failed:
                break
        self.widgets.end_walk({CellId(name) for name in self.cells})
        return self.ran

    def _bring(self, name: str) -> None:
        source = self.cells[name]
        for record in reversed(self.records.get(name, [])):
            versions = {component: self.widgets.version(component) for component in record.reads}
            if record.source == source and versions == record.reads and self._names(record.names) == record.names:
                self.space.update(record.after)
                self.widgets.restore(record.effects, CellId(name))
                return
        self._execute(name, source)

    def _execute(self, name: str, source: str) -> None:
        self.ran.append(name)
        code = compile(source, f"<cell {name}>", "exec")
        bound = {item.argval for item in dis.get_instructions(code) if item.opname == "STORE_NAME"}
        loaded = {item.argval for item in dis.get_instructions(code) if item.opname == "LOAD_NAME"}
        called = [code_ for callback in self.widgets.callbacks() if (code_ := getattr(callback, "__code__", None))]
        names = self._names(_all_names(code) - bound)
        more = self._names(set().union(*map(_all_names, called)) - bound)
        before = {key: self.space.pop(key) for key in bound - loaded if key in self.space}
        self.widgets.forget_callbacks(CellId(name))
        with self.widgets.cell(CellId(name)) as trace:
            try:
                exec(code, self.space)
            except Exception as error:
                trace.failed = True
                self.failed[name] = error
        after = {key: self.space[key] for key in bound if key in self.space}
        self.space.update({key: value for key, value in before.items() if key not in after})
        if any(component.startswith("callbacks:") for component in trace.reads):
            names |= more  # it fired callbacks, whose names it does not mention
        if name not in self.failed:
            self.records.setdefault(name, []).append(Record(source, trace.reads, names, after, trace.effects))

    def _names(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self._version(name) for name in names}

    def _version(self, name: str) -> str:
        if name not in self.space:
            return "absent"
        value = self.space[name]
        return repr(value) if isinstance(value, (int, float, str, bool, tuple)) else str(id(value))

    def give(self, **names: Any) -> None:
        """Names that are there before the first cell."""
        self.space.update(names)
        self.given = {"__name__", *self.given, *names}

    def delete(self, name: str) -> None:
        """Remove a cell."""
        del self.cells[name]

    def send(self, widget: Widget, **state: Any) -> None:
        """A front end's update, as it comes over the comm."""
        message = {"content": {"data": {"method": "update", "state": state, "buffer_paths": []}}, "buffers": []}
        widget.comm.handle_msg(message)

    def custom(self, widget: Widget, content: dict[str, Any]) -> None:
        """A custom message, as it comes over the comm."""
        widget.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def click(self, widget: Widget) -> None:
        """A click on a button."""
        self.custom(widget, {"event": "click"})

    def sent(self, widget: Widget | None = None, method: str = "update") -> list[dict[str, Any]]:
        """The states that were sent since the last `clear`."""
        found = [
            data
            for kind, where, data in KeepingComm.sent
            if kind == "comm_msg" and data.get("method") == method and (widget is None or where == widget.comm.comm_id)
        ]
        return [data["state"] for data in found]

    def kinds(self) -> list[str]:
        """The kinds of all messages that were sent since the last `clear`."""
        return [kind for kind, _, _ in KeepingComm.sent]

    def clear(self) -> None:
        """Forget what was sent."""
        KeepingComm.sent.clear()

    def get(self, name: str) -> Any:
        """A global of the notebook."""
        return self.space[name]


def _all_names(code: types.CodeType) -> set[str]:
    inner = (_all_names(item) for item in code.co_consts if isinstance(item, types.CodeType))
    return set(code.co_names).union(*inner)


def start() -> Walks:
    """An empty notebook with the hooks installed."""
    touched: list[int] = []
    comm.create_comm = lambda *args, **kwargs: KeepingComm(*args, **kwargs)
    KeepingComm.sent.clear()
    widgets = Widgets(plain_digest, lambda: touched.append(1))
    widgets.install()
    walks = Walks(widgets, touched)
    walks.give(W=ipywidgets)
    return walks


def stop(walks: Walks) -> None:
    """Take everything out again."""
    walks.widgets.uninstall()
    for widget in open_widgets():
        if isinstance(widget.comm, KeepingComm):
            widget.close()
    forget()
    comm.create_comm = comm._create_comm


def forget() -> None:
    """No widget is open: those of other tests have comms of a manager that may be gone."""
    all_widgets._instances.clear()
