"""Tensors of PyTorch by content; modules and optimisers pickle well and are followed from there.

The content of a tensor on an NVIDIA GPU is hashed there. A tensor on another device, and one inside a graph of
gradients, has no digest: what `backward` does to the graph shows nowhere. Beside them the options and generators.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.gpu import hash_on_gpu
from nbapp.libraries.profile import Generator, Profile, by_name
from nbapp.libraries.shared_memory import wrapper_neighbours
from nbapp.libraries.slot import Slot, Values, is_imported
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


def _nbytes(tensor: Any) -> int:
    """Of what is strided, and on a GPU too: there memory ends sooner."""
    is_strided = tensor.layout is sys.modules["torch"].strided and tensor.device.type != "meta"
    return int(tensor.untyped_storage().nbytes()) if is_strided else 0


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
    "Tensor": Adapter(parts=_tensor, reach=_tensor_reach, nbytes=_nbytes),
    "UntypedStorage": Adapter(reach=reaches_nothing, nbytes=lambda storage: storage.nbytes()),
}


# --- options


def _options() -> Values:
    torch = sys.modules["torch"]
    return {"dtype": torch.get_default_dtype(), "grad": torch.is_grad_enabled(), "threads": torch.get_num_threads()}


def _put_options(values: Values) -> None:
    torch = sys.modules["torch"]
    put = {"dtype": torch.set_default_dtype, "grad": torch.set_grad_enabled, "threads": torch.set_num_threads}
    for name, value in values.items():
        put[name](value)


# --- generators


def _state() -> Any:
    return sys.modules["torch"].get_rng_state().numpy().tobytes()


def _put_state(state: Any) -> None:
    torch = sys.modules["torch"]
    torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


def _cuda() -> Any:
    return tuple(state.numpy().tobytes() for state in sys.modules["torch"].cuda.get_rng_state_all())


def _put_cuda(state: Any) -> None:
    torch = sys.modules["torch"]
    torch.cuda.set_rng_state_all([torch.frombuffer(bytearray(part), dtype=torch.uint8) for part in state])


def _cuda_is_there() -> bool:
    """Whether code of the notebook has begun to use a GPU: to ask for its state would begin it, and take long."""
    return is_imported("torch") and bool(sys.modules["torch"].cuda.is_initialized())


def _first_cuda(state: Any) -> Any:
    """Of Philox, eight bytes of seed and eight of how far it was drawn."""
    return tuple(part[:8] + bytes(len(part) - 8) for part in state)


PROFILE = Profile(
    lookups={"torch": by_name(_ADAPTERS)},
    options=(Slot("torch", _options, _put_options, "torch"),),
    generators={
        "torch": Generator(_state, _put_state, lambda: is_imported("torch")),
        "torch.cuda": Generator(_cuda, _put_cuda, _cuda_is_there, _first_cuda),
    },
    mutating=("step",),
    followed_packages=("torch",),
)
