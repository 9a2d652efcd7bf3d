"""Tensors on a GPU: never a wrong value, hashed where they are. Runs where there is a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbapp.libraries import LOOKUPS
from nbapp.testing import AppTest
from nbapp.values.digest import Digest, digest
from nbapp.values.types import Types

torch: Any = pytest.importorskip("torch", reason="PyTorch is too large to install for every test run")
if not torch.cuda.is_available():
    pytest.skip("needs an NVIDIA GPU, which test machines do not have", allow_module_level=True)

KNOWN = Types({"__name__": "__main__"}, LOOKUPS)
SLIDERS = "import torch\nimport ipywidgets as W\nn, k = W.IntSlider({n}, max=50), W.IntSlider({k}, max=50)"
TENSOR = "t = torch.arange(8.0, device='cuda')"
NOTEBOOKS = {
    "mutated in the next cell": [TENSOR, "t += n.value", "print(t.tolist())"],
    "mutated through a view": [TENSOR, "view = t[2:4]", "view.mul_(k.value)", "print(t.tolist(), view.tolist())"],
    "mutated beside what reads it": [TENSOR, "u = t * k.value", "t[0] = n.value", "print(u.tolist(), t.tolist())"],
    "drawn after a seed": [
        "_ = torch.manual_seed(3)",
        "print(torch.randn(n.value, device='cuda').tolist())",
        "print(torch.randn(2, device='cuda').tolist())",
    ],
    "drawn before anything else, the seed moved": [
        "_ = torch.manual_seed(k.value)",
        "a = torch.rand(n.value, device='cuda')",
        "print(torch.rand(2, device='cuda').tolist(), a.tolist())",
    ],
    "drawn without a seed of the notebook's": [
        "if n.value > 2: _ = torch.rand(1, device='cuda')",
        "torch.cuda.manual_seed_all(n.value)",
        "print(torch.rand(k.value, device='cuda').tolist())",
    ],
    "a model that is trained": [
        "_ = torch.manual_seed(0)\nnet = torch.nn.Linear(2, 1).cuda()",
        "optimiser = torch.optim.SGD(net.parameters(), lr=k.value / 100)",
        "for _ in range(n.value):\n    optimiser.zero_grad()\n    loss = net(torch.ones(4, 2, device='cuda')).square().sum()\n"
        "    loss.backward()\n    optimiser.step()",
        "print([p.tolist() for p in net.parameters()])",
    ],
    "brought back to memory": [TENSOR, "a = (t * n.value).cpu()", "b = a.numpy() + k.value", "print(b.tolist())"],
}
MOVES = [("n", 2), ("k", 3), ("n", 5), ("n", 2), ("k", 1)]


def shown(app: AppTest) -> list[Any]:
    assert app.error is None, app.error
    return [app.outputs(index) for index in range(len(app.cells))]


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS.keys())
def test_what_is_shown_is_what_a_clean_run_shows(cells: list[str], tmp_path: Path) -> None:
    values = {"n": 1, "k": 1}
    clean: dict[tuple[int, ...], list[Any]] = {}
    with AppTest.from_cells([SLIDERS.format(**values), *cells], cwd=tmp_path) as app:
        app.run()
        for name, value in MOVES:
            values[name] = value
            app.set(name, value)
            now = tuple(values.values())
            if now not in clean:
                with AppTest.from_cells([SLIDERS.format(**values), *cells], cwd=tmp_path) as fresh:
                    clean[now] = shown(fresh.run())
            assert shown(app) == clean[now], (name, value, app.steps)


def of(value: object) -> Digest:
    return digest(value, KNOWN)


def test_different_contents_have_different_digests() -> None:
    long = torch.arange(10_000_019, dtype=torch.uint8, device="cuda")
    made = [long, long[1:], long[:-1], long.float(), long.cpu(), long.view(1, -1), torch.zeros(0, device="cuda")]
    made += [torch.full((3,), fill, device="cuda", dtype=torch.float64) for fill in (0.0, -0.0, 1.0, -1.0)]
    swapped = torch.arange(64, device="cuda")
    made += [swapped, swapped.flip(0), swapped.roll(1), swapped.roll(8)]
    for place in (0, 7, 8, 4_200_000 * 2, 10_000_018):
        changed = long.clone()
        changed[place] ^= 1
        made.append(changed)
    digests = [of(tensor) for tensor in made]
    assert len(set(digests)) == len(digests)
    assert digests == [of(tensor.clone()) for tensor in made]


def test_a_digest_is_the_same_in_every_process(tmp_path: Path) -> None:
    tensor = torch.arange(100_003.0, device="cuda")
    source = "from nbapp.values.digest import digest\nfrom nbapp.values.types import Types\nfrom nbapp.libraries import LOOKUPS"
    with AppTest.from_cells([f"import torch\n{source}"], cwd=tmp_path) as app:
        app.run()
        known = "Types({'__name__': '__main__'}, LOOKUPS)"
        assert app.eval(f"digest(torch.arange(100_003.0, device='cuda'), {known})") == of(tensor)


def test_a_hash_moves_no_generator_and_keeps_no_memory() -> None:
    tensor = torch.rand(50_000_000, device="cuda")
    state, allocated = torch.cuda.get_rng_state(), torch.cuda.memory_allocated()
    of(tensor)
    assert torch.equal(torch.cuda.get_rng_state(), state)
    assert torch.cuda.memory_allocated() == allocated


def test_a_model_on_the_gpu_stays_warm_while_cells_use_it(tmp_path: Path) -> None:
    net = "net = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1)).cuda().eval()"
    use = "with torch.no_grad():\n    print(net(torch.full((1, 2), float(n.value), device='cuda')).item())"
    with AppTest.from_cells([SLIDERS.format(n=1, k=1), net, use], cwd=tmp_path) as app:
        app.run()
        for value in (2, 3, 4):
            assert app.set("n", value).executed == (2,)


def test_a_cell_that_only_reads_other_widgets_leaves_the_gpu_alone(tmp_path: Path) -> None:
    cells = [SLIDERS.format(n=1, k=1), TENSOR, "u = (t * n.value).sum().item()", "print(k.value)"]
    with AppTest.from_cells(cells, cwd=tmp_path) as app:
        app.run()
        assert app.set("k", 2).executed == (3,)
        assert app.set("n", 2).executed == (2,)
        assert app.set("n", 1).executed == ()
