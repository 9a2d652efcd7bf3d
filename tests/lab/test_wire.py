"""The messages of the comm are the same on both sides, and the committed bundle was built from the committed sources."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from nbapp.kernel.frontends import protocol

ROOT = Path(__file__).parents[2] / "labextension"
TYPESCRIPT = (ROOT / "src" / "wire.ts").read_text("utf-8")
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean"}
MESSAGES = [item for item in vars(protocol).values() if is_typeddict(item)]


def in_typescript(kind: Any) -> str:
    """A Python type as TypeScript writes it."""
    if get_origin(kind) is Literal:
        return " | ".join(f"'{value}'" for value in get_args(kind))
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return "IOutput[]" if get_origin(item) is dict else f"{in_typescript(item)}[]"
    return PLAIN.get(kind) or str(kind.__name__)


def interface(name: str) -> dict[str, str]:
    """The fields of an interface in the TypeScript file."""
    body = re.search(rf"export interface {name} \{{(.*?)\n\}}", TYPESCRIPT, re.DOTALL)
    assert body, f"wire.ts has no {name}"
    return dict(re.findall(r"^  (\w+): (.*);$", body[1], re.MULTILINE))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_a_message_has_the_same_fields_on_both_sides(message: type) -> None:
    assert interface(message.__name__) == {key: in_typescript(kind) for key, kind in get_type_hints(message).items()}


def test_both_sides_know_the_same_messages() -> None:
    assert set(re.findall(r"export interface (\w+)", TYPESCRIPT)) == {message.__name__ for message in MESSAGES}
    for name in ("FromFrontEnd", "FromKernel"):
        union = re.search(rf"export type {name} = (.*);", TYPESCRIPT)
        assert union
        assert union[1].split(" | ") == [kind.__name__ for kind in get_args(getattr(protocol, name))]


def test_both_sides_speak_of_the_same_target_and_protocol() -> None:
    assert f"TARGET = '{protocol.TARGET}'" in TYPESCRIPT
    assert f"PROTOCOL = {protocol.PROTOCOL};" in TYPESCRIPT


def test_the_bundle_was_built_from_these_sources() -> None:
    built = json.loads((ROOT / "built" / "sources.json").read_text("utf-8"))
    now = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("src", "schema", "style")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
    }
    now["package.json"] = hashlib.sha256((ROOT / "package.json").read_bytes()).hexdigest()
    assert built == now, "run `make labextension`"
