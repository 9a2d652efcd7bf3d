"""Tensors, modules and optimisers of PyTorch: by content, linked where they share memory or gradients."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbapp.libraries import LOOKUPS
from nbapp.libraries.gpu import hash_on_gpu
from nbapp.values.digest import Digest, Opaque, content, digest
from nbapp.values.survey import survey
from nbapp.values.types import Types

torch: Any = pytest.importorskip("torch", reason="PyTorch is too large to install for every test run")
KNOWN = Types({"__name__": "__main__"}, LOOKUPS)


def of(value: object) -> Digest:
    return digest(value, KNOWN)


def linked(one: object, other: object) -> bool:
    return not set(survey(one, KNOWN).reach).isdisjoint(survey(other, KNOWN).reach)


def with_gradient() -> Any:
    leaf = torch.ones(2, requires_grad=True)
    leaf.sum().backward()
    return leaf


def module(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.BatchNorm1d(2))


DIFFERENT: list[Callable[[], Any]] = [
    lambda: torch.ones(4),
    lambda: torch.zeros(4),
    lambda: torch.ones(2, 2),
    lambda: torch.ones(4, dtype=torch.float64),
    lambda: torch.ones(4, dtype=torch.bfloat16),
    lambda: torch.ones(4, dtype=torch.complex64),
    lambda: torch.ones(4, dtype=torch.complex64).conj(),
    lambda: torch.ones(4, dtype=torch.bool),
    lambda: torch.tensor(1.0),
    lambda: torch.empty(0),
    lambda: torch.arange(4).reshape(2, 2),
    lambda: torch.arange(4).reshape(2, 2).T,
    lambda: torch.ones(2, requires_grad=True),
    with_gradient,
    lambda: torch.nn.Parameter(torch.ones(2)),
    lambda: torch.ones(4).to_sparse(),
    module,
    lambda: module(1),
    lambda: module().eval(),
    lambda: torch.optim.SGD(module().parameters(), 0.1),
    lambda: torch.optim.SGD(module().parameters(), 0.2),
    lambda: torch.Generator().manual_seed(1),
    lambda: torch.Generator().manual_seed(2),
    lambda: torch.float32,
    lambda: torch.device("cpu"),
]


def test_different_contents_have_different_digests() -> None:
    digests = [of(make()) for make in DIFFERENT]
    assert [index for index, found in enumerate(digests) if digests.count(found) > 1] == []


def test_equal_contents_have_equal_digests() -> None:
    assert [index for index, make in enumerate(DIFFERENT) if of(make()) != of(make())] == []


def test_reading_changes_nothing() -> None:
    tensor, net = torch.arange(6.0).reshape(2, 3), module().eval()
    before = of([tensor, net])
    with torch.no_grad():
        net(torch.ones(1, 2))
    (tensor.numpy(), tensor.T, tensor + 1, repr(tensor), repr(net), net.state_dict(), list(net.parameters()))
    assert of([tensor, net]) == before


def test_training_changes_a_module() -> None:
    net = module()
    before = of(net)
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    net(torch.ones(2, 2) * torch.tensor([[1.0], [2.0]])).square().sum().backward()
    after_backward = of(net)
    optimiser.step()
    assert len({before, after_backward, of(net)}) == 3


@pytest.mark.parametrize(
    ("share", "is_array"),
    [
        (lambda t: t[1:], False),
        (lambda t: t.reshape(2, 2), False),
        (lambda t: t.detach(), False),
        (lambda t: t.numpy(), True),
    ],
)
def test_views_are_linked(share: Callable[[Any], Any], is_array: bool) -> None:
    tensor = torch.ones(4)
    other = share(tensor)
    assert linked(tensor, other)
    assert not linked(torch.ones(4), other)


@pytest.mark.parametrize("array_first", [True, False])
def test_a_tensor_made_of_an_array_is_linked_to_it(array_first: bool) -> None:
    array = np.ones(4)
    tensor = torch.from_numpy(array)
    assert linked(array, tensor) if array_first else linked(tensor, array)


def test_a_loss_is_linked_to_what_its_gradients_go_to() -> None:
    net = module()
    loss = net(torch.ones(2, 2)).sum()
    assert linked(loss, net)
    with pytest.raises(Opaque, match="graph of gradients"):
        of(loss)


def test_tensors_elsewhere_are_opaque() -> None:
    with pytest.raises(Opaque, match="meta"):
        of(torch.ones(2, device="meta"))


def test_a_tensor_is_hashed_where_it_lies() -> None:
    tensor = torch.zeros(8_000_000)
    of(tensor)
    tracemalloc.start()
    try:
        assert content(tensor, KNOWN).nbytes >= 32_000_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_hash_for_gpus_is_that_of_plain_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    """SplitMix64 as published; PyTorch's integers have a sign, which must not show."""
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    whole = bytes(place * 151 % 256 for place in range(8 * 37 + 5))

    def mixed(word: int) -> int:
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        word = (word ^ word >> 27) * 0x94D049BB133111EB % 2**64
        return word ^ word >> 31

    words = (int.from_bytes(whole[start : start + 8], "little") for start in range(0, 8 * 37, 8))
    first = [mixed((mixed(place * 0x9E3779B97F4A7C15 % 2**64) + word) % 2**64) for place, word in enumerate(words, 1)]
    second = [mixed((word + 0x9E3779B97F4A7C15) % 2**64) for word in first]
    size, sums, rest = hash_on_gpu(torch.tensor(list(whole), dtype=torch.uint8), torch)
    assert (size, [number % 2**64 for number in sums]) == (len(whole), [sum(first) % 2**64, sum(second) % 2**64])
    assert rest == whole[-5:]
