"""Two larger samples, a search in pictures and a generative model: what they compute, what a change executes."""

from __future__ import annotations

import base64
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from PIL import Image

from nbapp.testing import AppTest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LONGEST = 300


def opened(name: str) -> Iterator[AppTest]:
    with AppTest.from_file(NOTEBOOKS / f"{name}.ipynb") as app:
        app.run()
        assert app.error is None
        yield app


@pytest.fixture(scope="module")
def drive() -> Iterator[AppTest]:
    yield from opened("driving")


@pytest.fixture(scope="module")
def face() -> Iterator[AppTest]:
    yield from opened("faces")


@pytest.fixture
def driving(drive: AppTest) -> AppTest:
    every = ["dawn", "morning", "afternoon", "dusk", "evening"]
    start: dict[str, Any] = {"query": "yellow pedestrians at a red light", "parts": every, "counted": "car"}
    return drive.set_many({**start, "number": (0, 8), "result": 1, "confidence": 0.7, "fog": 0.0})


@pytest.fixture
def faces(face: AppTest) -> AppTest:
    start = {"smile": 0.75, "eyes": 0.65, "brows": 0.5, "width": 0.4, "hair": 0.35, "grey": 0.05, "skin": 0.2}
    return face.set_many({**start, "beard": 0.0, "person": 1, "along": "hair"})


def markdown(app: AppTest, index: int) -> str:
    shown: str = app.outputs(index)[0]["data"]["text/markdown"]
    return shown


def picture(app: AppTest, index: int, kind: str = "image/png") -> np.ndarray[Any, Any]:
    """The pixels of the picture that a cell shows, from 0 to 1."""
    data = base64.b64decode(app.outputs(index)[0]["data"][kind])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float) / 255


@pytest.mark.parametrize("name", ["driving", "faces"])
def test_a_sample_is_an_ordinary_notebook_of_a_few_pages_without_callbacks(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert sum(cell.source.count("\n") + 1 for cell in notebook.cells) <= LONGEST
    assert not re.search(r"\.observe\(|\.on_\w+\(|interact|link\(|Output\(", "".join(cell.source for cell in code))


SEARCH, SHEET, CONTROLS, LOOK, BOXES, SENTENCE, SCAN, CHART, TABLE = 8, 9, 12, 13, 14, 15, 16, 17, 18


def pieces(text: str) -> Counter[str]:
    words = [f"<{word}>" for word in re.findall(r"\w+", text.lower())]
    return Counter(words + [word[i : i + 3] for word in words for i in range(len(word) - 2)])


def similarities(query: str, captions: list[str]) -> list[float]:
    """Cosines of weighted counts, without hashing: what the notebook's embedding approximates."""
    counts = [pieces(caption) for caption in captions]
    among = Counter(piece for count in counts for piece in count)

    def weighted(count: Counter[str]) -> dict[str, float]:
        return {piece: n * math.log(len(captions) / among[piece]) for piece, n in count.items() if piece in among}

    def length(vector: dict[str, float]) -> float:
        return math.sqrt(sum(number**2 for number in vector.values()))

    wanted, found = weighted(pieces(query)), [weighted(count) for count in counts]
    dots = [sum(number * wanted.get(piece, 0) for piece, number in vector.items()) for vector in found]
    return [dot / length(wanted) / (length(vector) or 1) for dot, vector in zip(dots, found)]


@pytest.mark.parametrize("query", ["yellow pedestrians at a red light", "red cars at dusk", "two green pedestrians"])
def test_the_search_ranks_frames_by_the_similarity_of_their_captions(driving: AppTest, query: str) -> None:
    driving.set("query", query)
    expected = similarities(query, driving.eval("list(frames['caption'])"))
    shown = driving.eval("list(matches['match'].items())")
    assert expected[shown[0][0]] > max(expected) - 0.05
    assert all(abs(value - expected[frame]) < 0.05 for frame, value in shown)  # hashes collide now and then


def test_the_first_match_is_what_was_asked_for(driving: AppTest) -> None:
    assert driving.eval("matches['caption'].iloc[0]") == "afternoon, 1 yellow pedestrian, 1 red traffic light"
    caption = driving.eval("frames['caption'][156]")
    driving.set("query", caption)
    assert driving.eval("matches['match'].iloc[0]") == pytest.approx(1)
    assert driving.eval("matches['caption'].iloc[0]") == caption


def test_filters_keep_the_frames_whose_labels_count_so_many(driving: AppTest) -> None:
    labels = driving.eval("labels")
    driving.set_many({"counted": "pedestrian", "number": (3, 8)})
    expected = [i for i, things in enumerate(labels) if 3 <= sum(kind == "pedestrian" for kind, *_ in things) <= 8]
    assert 0 < len(expected) < 100
    assert markdown(driving, SEARCH).startswith(f"**{len(expected)} of 200 frames pass.**")
    assert set(driving.eval("list(matches.index)")) <= set(expected)
    driving.set("parts", [])
    assert markdown(driving, SEARCH).startswith("**No frame passes, all are searched.**")


def test_a_score_is_the_correlation_of_what_is_in_the_box_with_a_template(driving: AppTest) -> None:
    seen, found = driving.eval("seen"), driving.eval("found.to_dict('records')")
    templates = driving.eval("{kind: [t.T for (of, _), t in TEMPLATES.items() if of == kind] for kind in KINDS}")
    assert len(found) >= 2
    for box in found:
        part = seen[box["y"] : box["y"] + box["height"], box["x"] : box["x"] + box["width"]]
        pixels = part.transpose(2, 0, 1).ravel().astype(float)
        fits = [t for sizes in templates[box["kind"]] for t in sizes if t.size == pixels.size]
        expected = max(np.corrcoef(pixels, fit)[0, 1] for fit in fits)
        assert box["score"] == pytest.approx(expected, abs=0.01)


def test_the_detector_finds_nearly_all_that_is_labelled_and_nothing_else(driving: AppTest) -> None:
    labels = driving.eval("labels")
    sure = driving.eval("scanned[scanned['score'] >= 0.7][['frame', 'kind', 'x', 'width']].values.tolist()")
    there = {(frame, kind): [x for of, _, x, _ in labels[frame] if of == kind] for frame, kind, *_ in sure}
    right = [any(abs(x + width / 2 - at) < 6 for at in there[frame, kind]) for frame, kind, x, width in sure]
    assert np.mean(right) > 0.98
    assert len(sure) > 0.85 * sum(len(things) for things in labels[::2])


def test_another_confidence_draws_boxes_again_but_looks_at_no_picture_again(driving: AppTest) -> None:
    driving.set("confidence", 0.95)
    assert set(driving.executed) <= {BOXES, SENTENCE, CHART}
    assert BOXES in driving.executed
    assert CHART in driving.executed


def test_fog_makes_only_the_chosen_frame_be_looked_at_again_and_hides_what_is_there(driving: AppTest) -> None:
    clear = picture(driving, BOXES, "image/jpeg")
    best = driving.eval("found['score'].max()")
    driving.set("fog", 0.9)
    assert list(driving.executed) == [LOOK, BOXES, SENTENCE]
    assert driving.eval("found['score'].max()") < best - 0.05
    assert picture(driving, BOXES, "image/jpeg").std() < clear.std() / 2
    driving.set("fog", 0.0)
    assert list(driving.executed) == []
    assert np.array_equal(picture(driving, BOXES, "image/jpeg"), clear)


def test_another_query_scans_no_day_again(driving: AppTest) -> None:
    driving.set("query", "green light in the morning")
    assert {SEARCH, SHEET, LOOK, BOXES, TABLE} <= set(driving.executed)
    assert not {SCAN, *range(SEARCH)} & set(driving.executed)


def test_the_frame_slider_ends_with_the_matches(driving: AppTest) -> None:
    driving.set("result", 12)
    driving.set_many({"counted": "car", "number": (7, 8)})
    assert driving.eval("result.max") == driving.eval("len(matches)") < 12
    assert driving.eval("result.value") <= driving.eval("result.max")


EXAMPLES, MODEL, WANTED, PORTRAIT, WORDS, WALK, NEAR, LEARNT = 3, 5, 7, 8, 9, 11, 12, 13


def portraits(app: AppTest) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What the model painted and what was drawn by hand, as shown."""
    shown = picture(app, PORTRAIT)
    side = shown.shape[0]
    return shown[:, :side], shown[:, side + 8 : 2 * side + 8]


def mouth_bend(face: np.ndarray[Any, Any]) -> float:
    """How far the middle of the mouth hangs below its corners, as a share of the face."""
    red = face[..., 0] - face[..., 1:].max(axis=2)
    red[: face.shape[0] // 2] = red[int(face.shape[0] * 0.85) :] = -1
    rows, columns = np.nonzero(red > 0.28)
    middle = np.abs(columns - columns.mean()) < 0.25 * np.ptp(columns)
    bend: float = (rows[middle].mean() - rows[~middle].mean()) / face.shape[0]
    return bend


def test_a_feature_paints_at_once_and_trains_nothing(faces: AppTest) -> None:
    for name, value in [("smile", 0.2), ("hair", 0.9), ("skin", 0.8), ("person", 7)]:
        faces.set(name, value)
        assert {WANTED, PORTRAIT} <= set(faces.executed) <= {WANTED, PORTRAIT, WORDS, WALK, NEAR}


def test_a_face_seen_before_is_not_painted_again(faces: AppTest) -> None:
    before = picture(faces, PORTRAIT)
    faces.set("smile", 0.0)
    faces.set("smile", 0.75)
    assert not {WANTED, PORTRAIT} & set(faces.executed)
    assert np.array_equal(picture(faces, PORTRAIT), before)


def test_the_model_paints_what_a_hand_would_draw(faces: AppTest) -> None:
    for person in range(1, 6):
        faces.set("person", person)
        painted, drawn = portraits(faces)
        off = float(np.abs(painted - drawn).mean())
        assert off < 0.025
        said = re.search(r"([\d.]+)%", markdown(faces, WORDS))
        assert said
        assert float(said[1]) / 100 == pytest.approx(off, abs=0.003)


def test_who_smiles_has_a_mouth_that_bends(faces: AppTest) -> None:
    faces.set("smile", 1.0)
    glad = mouth_bend(portraits(faces)[0])
    faces.set("smile", 0.0)
    assert mouth_bend(portraits(faces)[0]) < 0 < glad


def test_the_nearest_faces_are_those_with_the_nearest_components(faces: AppTest) -> None:
    codes, code = faces.eval("model.codes"), faces.eval("model.code(wanted)")
    nearest = min(range(len(codes)), key=lambda i: math.dist(codes[i], code))
    first = picture(faces, NEAR)[:, :144]
    drawn = (faces.eval("drawn")[nearest] * 255).round().astype(np.uint8)
    expected = np.asarray(Image.fromarray(drawn).resize((144, 144), Image.Resampling.BICUBIC), float) / 255
    assert np.array_equal(first, expected)


def test_the_model_is_one_object_however_often_it_is_asked_for(faces: AppTest) -> None:
    assert faces.eval("painter() is model")
    losses = faces.eval("model.losses")
    assert np.mean(losses[-50:]) < 0.05 * losses[0]
