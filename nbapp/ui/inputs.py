"""Controls for numbers, choices, texts and days: each displays an ordinary widget and returns its value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, overload

import ipywidgets

from nbapp._compat.ipywidgets import option_labels, option_values
from nbapp.errors import UsageError
from nbapp.ui.control import LabelledControl, Number, in_form, look, value_of

T = TypeVar("T")


class IntSlider(Number, ipywidgets.IntSlider):
    """A slider over whole numbers."""


class FloatSlider(Number, ipywidgets.FloatSlider):
    """A slider over numbers."""


class IntRangeSlider(Number, ipywidgets.IntRangeSlider):
    """A slider with two ends."""


class FloatRangeSlider(Number, ipywidgets.FloatRangeSlider):
    """A slider with two ends."""


class IntText(Number, ipywidgets.IntText):
    """A field for a whole number."""


class FloatText(Number, ipywidgets.FloatText):
    """A field for a number."""


class BoundedIntText(Number, ipywidgets.BoundedIntText):
    """A field for a whole number in bounds."""


class BoundedFloatText(Number, ipywidgets.BoundedFloatText):
    """A field for a number in bounds."""


class Choice(LabelledControl):
    """A control with options. A form keeps labels: the options may be others when it is sent."""

    label: Any

    def kept(self) -> Any:
        """The label, or the labels."""
        return self.label

    def given(self, kept: Any) -> Any:
        """The value with this label; what the control begins with when there is none any more."""
        return self._value(kept, self._begins_with)

    def _value(self, label: Any, otherwise: Any) -> Any:
        values = dict(zip(option_labels(self), option_values(self)))
        return values.get(label, values.get(otherwise))


class Dropdown(Choice, ipywidgets.Dropdown):
    """A list of which one is chosen."""


class SelectMultiple(Choice, ipywidgets.SelectMultiple):
    """A list of which several may be chosen."""

    def _value(self, label: Any, otherwise: Any) -> Any:
        values = dict(zip(option_labels(self), option_values(self)))
        return tuple(values[one] for one in label if one in values)


class Checkbox(LabelledControl, ipywidgets.Checkbox):
    """A box with a tick."""


class TextLine(LabelledControl):
    """A field of one line: Enter sends its form."""

    on_msg: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.on_msg(self._entered)

    def _entered(self, _: Any, content: Any, buffers: Any) -> None:
        if self._form is not None and isinstance(content, dict) and content.get("event") == "submit":
            self._form.send()


class TextField(TextLine, ipywidgets.Text):
    """A line of text."""


class PasswordField(TextLine, ipywidgets.Password):
    """A line of text that is not shown."""


class TextArea(LabelledControl, ipywidgets.Textarea):
    """Several lines of text."""


class DatePicker(LabelledControl, ipywidgets.DatePicker):
    """A day."""

    def given(self, kept: Any) -> Any:
        """The day, or the nearest that may be chosen."""
        if kept is None:
            return None
        kept = kept if self.min is None else max(kept, self.min)
        return kept if self.max is None else min(kept, self.max)


@overload
def slider(
    label: str, min: int = ..., max: int = ..., value: int | None = ..., *, step: int | None = ...,
    key: str | None = ..., **options: Any,
) -> int: ...  # fmt: skip
@overload
def slider(
    label: str, min: float, max: float, value: float | None = ..., *, step: float | None = ...,
    key: str | None = ..., **options: Any,
) -> float: ...  # fmt: skip
@overload
def slider(
    label: str, min: int, max: int, value: tuple[int, int], *, step: int | None = ...,
    key: str | None = ..., **options: Any,
) -> tuple[int, int]: ...  # fmt: skip
@overload
def slider(
    label: str, min: float, max: float, value: tuple[float, float], *, step: float | None = ...,
    key: str | None = ..., **options: Any,
) -> tuple[float, float]: ...  # fmt: skip
def slider(label: str, min: Any = 0, max: Any = 100, value: Any = None, *, step: Any = None,
           key: str | None = None, **options: Any) -> Any:  # fmt: skip
    """A slider. Whole numbers where all that is given are; two ends where `value` is a pair.

    Args:
        label: what stands beside it.
        min: the lowest value.
        max: the highest value.
        value: where it begins: `min` unless given.
        step: from one value to the next: 1, or a hundredth of the range.
        key: tells controls with the same label apart, as in a loop.
        options: of `ipywidgets.IntSlider`, such as `disabled` or `readout_format`.

    Examples:
        >>> from nbapp import ui
        >>> ui.slider("Epochs", 1, 50, 10)  # doctest: +SKIP
        10
    """
    ends = value if isinstance(value, tuple) else (value,)
    whole = all(isinstance(number, int) for number in (min, max, step, *ends) if number is not None)
    if not min < max:
        raise UsageError(f"ui.slider({label!r}) goes from {min} to {max}", "give a max that is above min")
    kind: Any
    if isinstance(value, tuple):
        kind = IntRangeSlider if whole else FloatRangeSlider
    else:
        kind = IntSlider if whole else FloatSlider
    step = step or (1 if whole else (max - min) / 100)
    value = min if value is None else value
    return value_of(kind(value=value, min=min, max=max, step=step, **look(label, key, options)))


@overload
def number(
    label: str, value: int = ..., *, min: int | None = ..., max: int | None = ..., step: int | None = ...,
    key: str | None = ..., **options: Any,
) -> int: ...  # fmt: skip
@overload
def number(
    label: str, value: float, *, min: float | None = ..., max: float | None = ..., step: float | None = ...,
    key: str | None = ..., **options: Any,
) -> float: ...  # fmt: skip
def number(label: str, value: Any = 0, *, min: Any = None, max: Any = None, step: Any = None,
           key: str | None = None, **options: Any) -> Any:  # fmt: skip
    """A field for a number. It counts once Enter is pressed or the field is left.

    Args:
        label: what stands beside it.
        value: where it begins. A whole number where this and all else that is given are.
        min: the lowest value; None: any.
        max: the highest value; None: any.
        step: by how much the arrows change it.
        key: tells controls with the same label apart, as in a loop.
        options: of `ipywidgets.IntText`.

    Examples:
        >>> from nbapp import ui
        >>> ui.number("Learning rate", 0.1, min=0.0)  # doctest: +SKIP
        0.1
    """
    whole = all(isinstance(given, int) for given in (value, min, max, step) if given is not None)
    options = {"continuous_update": in_form(), "step": step or (1 if whole else None)} | options
    shared = look(label, key, options)
    if min is None and max is None:
        kind: Any = IntText if whole else FloatText
        return value_of(kind(value=value, **shared))
    lowest, highest = (-(2**53), 2**53) if whole else (float("-inf"), float("inf"))
    kind = BoundedIntText if whole else BoundedFloatText
    low, high = lowest if min is None else min, highest if max is None else max
    return value_of(kind(value=value, min=low, max=high, **shared))


@overload
def select(
    label: str, options: Sequence[T] | Mapping[str, T], value: T | None = ..., *, multiple: Literal[False] = ...,
    key: str | None = ..., **more: Any,
) -> T: ...  # fmt: skip
@overload
def select(
    label: str, options: Sequence[T] | Mapping[str, T], value: Sequence[T] | None = ..., *, multiple: Literal[True],
    key: str | None = ..., **more: Any,
) -> tuple[T, ...]: ...  # fmt: skip
def select(label: str, options: Any, value: Any = None, *, multiple: bool = False,
           key: str | None = None, **more: Any) -> Any:  # fmt: skip
    """A choice of one of the options, or of several.

    Args:
        label: what stands beside it.
        options: a list of values, or a dict of labels and values.
        value: where it begins: the first option, or none of them where there may be several.
        multiple: whether several may be chosen; a tuple is returned then.
        key: tells controls with the same label apart, as in a loop.
        more: of `ipywidgets.Dropdown` or `ipywidgets.SelectMultiple`, such as `rows`.

    Raises:
        UsageError: there is nothing to choose from.

    Examples:
        >>> from nbapp import ui
        >>> ui.select("Region", ["East", "West"])  # doctest: +SKIP
        'East'
    """
    offered = dict(options) if isinstance(options, Mapping) else list(options)
    if not offered and not multiple:
        raise UsageError(
            f"ui.select({label!r}) has no options", "end the run above it with ui.stop where there are none"
        )
    shared = look(label, key, more) | ({} if value is None else {"value": value})
    kind: Any = SelectMultiple if multiple else Dropdown
    return value_of(kind(options=list(offered.items()) if isinstance(offered, dict) else offered, **shared))


def checkbox(label: str, value: bool = False, *, key: str | None = None, **options: Any) -> bool:
    """A box to tick.

    Examples:
        >>> from nbapp import ui
        >>> ui.checkbox("Show the data")  # doctest: +SKIP
        False
    """
    chosen: bool = value_of(Checkbox(value=value, indent=False, **look(label, key, options)))
    return chosen


def text(
    label: str, value: str = "", *, lines: int = 1, password: bool = False, placeholder: str = "",
    key: str | None = None, **options: Any,
) -> str:  # fmt: skip
    """A field for a text. It counts once Enter is pressed or the field is left; in a form Enter sends the form.

    Args:
        label: what stands beside it.
        value: what it begins with.
        lines: how many are to be seen; with more than one Enter begins a new line.
        password: whether what is written is hidden.
        placeholder: shown while it is empty.
        key: tells controls with the same label apart, as in a loop.
        options: of `ipywidgets.Text`.

    Examples:
        >>> from nbapp import ui
        >>> ui.text("Name", "Ada")  # doctest: +SKIP
        'Ada'
    """
    options = {"continuous_update": in_form()} | options
    shared = {"placeholder": placeholder or "\u200b"} | look(label, key, options)
    control: LabelledControl
    if password:
        control = PasswordField(value=value, **shared)
    else:
        control = TextField(value=value, **shared) if lines == 1 else TextArea(value=value, rows=lines, **shared)
    written: str = value_of(control)
    return written


def date(
    label: str, value: dt.date | None = None, *, min: dt.date | None = None, max: dt.date | None = None,
    key: str | None = None, **options: Any,
) -> dt.date | None:  # fmt: skip
    """A day, or None where none is chosen.

    Args:
        label: what stands beside it.
        value: the day that it begins with.
        min: the first that may be chosen; None: any.
        max: the last that may be chosen; None: any.
        key: tells controls with the same label apart, as in a loop.
        options: of `ipywidgets.DatePicker`.

    Examples:
        >>> import datetime as dt
        >>> from nbapp import ui
        >>> ui.date("From", dt.date(2026, 1, 1))  # doctest: +SKIP
        datetime.date(2026, 1, 1)
    """
    day: dt.date | None = value_of(DatePicker(value=value, min=min, max=max, **look(label, key, options)))
    return day


def parameter(name: str, value: Any, about: str = "", is_real: bool = False) -> Any:
    """What a control of the kind of `value` returns, for a cell of parameters; `value` where there is none for it.

    Args:
        name: what stands beside it, and its key.
        value: where it begins. A day that is taken away is this again.
        about: is shown when the mouse rests on it.
        is_real: whether a whole number is to be a float.
    """
    more: dict[str, Any] = {"tooltip": about} if about else {}
    if isinstance(value, bool):
        return checkbox(name, value, **more)
    if isinstance(value, int) and not is_real:
        return number(name, value, **more)
    if isinstance(value, (int, float)):
        return number(name, float(value), **more)
    if isinstance(value, str):
        return text(name, value, lines=min(value.count("\n") + 1, 8), **more)
    if type(value) is dt.date:
        day = date(name, value, **more)
        return value if day is None else day
    return value
