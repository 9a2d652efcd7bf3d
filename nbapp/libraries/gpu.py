"""A hash of bytes in a GPU's memory, computed there, so that a gigabyte need not cross the bus.

Each word of eight bytes is mixed with its position by the finalizer of SplitMix64 (Steele, Lea and Flood, 2014), and
the results are added, so that the parts can be hashed in any order. Two sums of different mixes make 128 bits. Knows
nothing of tensors but that they are rows of bytes.
"""

from __future__ import annotations

from typing import Any

from nbapp.values.describe import Opaque

_CHUNK = 2**22  # words hashed at once; that takes the GPU's memory a few times as many
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def hash_on_gpu(whole: Any, torch: Any) -> tuple[int, tuple[int, ...], bytes]:
    """What stands for the bytes of a flat tensor of bytes.

    Raises:
        Opaque: the GPU has no memory left to compute it.
    """
    count = whole.numel() // 8 * 8
    torch.cuda.synchronize(whole.device)  # other streams may still write to it
    try:
        # A slice of a row may begin at any byte, and words only at every eighth.
        words = (whole[:count] if whole.data_ptr() % 8 == 0 else whole[:count].clone()).view(torch.int64)
        sums = torch.zeros(2, dtype=torch.int64, device=whole.device)
        for start in range(0, words.numel(), _CHUNK):
            piece = words[start : start + _CHUNK]
            place = torch.arange(start + 1, start + 1 + piece.numel(), device=whole.device)
            mixed = _mixed(_mixed(place.mul_(_signed(_GOLDEN))).add_(piece))
            sums[0] += mixed.sum()
            sums[1] += _mixed(mixed.add_(_signed(_GOLDEN))).sum()
        return whole.numel(), tuple(sums.tolist()), bytes(whole[count:].tolist())
    except torch.OutOfMemoryError as error:
        raise Opaque(f"a tensor on {whole.device}, which has no memory left to hash it") from error


def _mixed(words: Any) -> Any:
    """SplitMix64's finalizer, in place."""
    words.bitwise_xor_(_shifted(words, 30)).mul_(_signed(_FIRST))
    words.bitwise_xor_(_shifted(words, 27)).mul_(_signed(_SECOND))
    return words.bitwise_xor_(_shifted(words, 31))


def _shifted(words: Any, bits: int) -> Any:
    """To the right; PyTorch's own shift keeps the sign."""
    return words.bitwise_right_shift(bits).bitwise_and_((1 << (64 - bits)) - 1)


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number
