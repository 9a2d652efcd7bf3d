"""Tensors of PyTorch by content; modules and optimisers pickle well and are followed from there.

The content of a tensor on an NVIDIA GPU is hashed there. A tensor on another device, and one inside a graph of
gradients, has no digest: what `backward` does to the graph shows nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pickle import PickleBuffer
from typing import Any

from nbapp.adapters.gpu import hash_on_gpu
from nbapp.adapters.memory import wrapper_neighbours
from nbapp.values.describe import Opaque
from nbapp.values.types import Adapter, reaches_nothing


def _tensor(tensor: Any) -> object:
    torch = sys.modules["torch"]
    if tensor.device.type not in ("cpu", "cuda"):
        raise Opaque(f"a tensor on {tensor.device}")
    if tensor.grad_fn is not None:
        raise Opaque("a tensor inside a graph of gradients")
    own = getattr(tensor, "__dict__", None) or None
    about = tensor.device, tensor.dtype, tuple(tensor.shape), tensor.requires_grad, tensor.grad, own
    if tensor.layout is torch.strided:
        return about, tensor.stride(), tensor.is_conj(), tensor.is_neg(), _memory(tensor.detach(), torch)
    if tensor.layout is torch.sparse_coo:
        whole = tensor.detach()
        return about, tensor.is_coalesced(), whole._indices(), whole._values()
    raise Opaque(f"a tensor laid out as {tensor.layout}")


def _memory(tensor: Any, torch: Any) -> object:
    """The elements in order; those of a tensor that is one piece of memory are hashed where they lie."""
    if tensor.is_quantized:
        raise Opaque("a quantised tensor")
    whole = tensor.resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8)
    if whole.device.type == "cuda":
        return hash_on_gpu(whole, torch)
    return PickleBuffer(whole.numpy()) if whole.numel() else None


def _tensor_reach(tensor: Any) -> Iterator[object]:
    """The memory under it, which views share, and the tensors that `backward` would change."""
    yield from (getattr(tensor, "__dict__", None) or {}).values()
    if tensor.is_leaf and tensor.grad is not None:
        yield tensor.grad
    yield from _leaves(tensor.grad_fn)
    if tensor.layout is not sys.modules["torch"].strided or tensor.device.type == "meta":
        return
    storage = tensor.untyped_storage()
    yield storage
    if tensor.device.type == "cpu":
        start = storage.data_ptr()
        yield from wrapper_neighbours(tensor, [(start, start + storage.nbytes())])


def _leaves(node: Any) -> Iterator[object]:
    """The tensors at the end of a graph of gradients."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            yield leaf
        waiting.extend(following for following, _ in node.next_functions)


def _generator(generator: Any) -> object:
    return str(generator.device), generator.get_state()


_ADAPTERS = {
    "Generator": Adapter(parts=_generator, reach=reaches_nothing),
    "Tensor": Adapter(parts=_tensor, reach=_tensor_reach),
    "UntypedStorage": Adapter(reach=reaches_nothing),
}


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of PyTorch."""
    return _ADAPTERS.get(kind.__name__)
