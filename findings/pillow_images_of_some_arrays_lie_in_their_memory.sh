#!/usr/bin/env bash
# pillow 13.0.0: whether an image of `Image.fromarray` follows later changes of its array depends on the array's form.
#
# Arrays of bytes in two dimensions (mode L), of 16 bits (I;16) and with four channels (RGBA) are not copied: the image
# lies in their memory, and what is written into the array shows in the image, until something is written into the image,
# which copies it. Arrays with three channels (RGB), with two (LA), of floats (F) and of 32 bits (I) are copied. Nothing
# of Python tells the two apart: an image is not followed by the garbage collector to the array, and numpy sees no shared
# memory. `readonly` is 1 of an image that lies elsewhere, and its Arrow interface gives the address.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
"$folder/env/bin/python" - <<'PY'
import gc

import numpy as np
from PIL import Image

FORMS = {
    "L": ((4, 6), "uint8"),
    "I;16": ((4, 6), "uint16"),
    "RGBA": ((4, 6, 4), "uint8"),
    "RGB": ((4, 6, 3), "uint8"),
    "LA": ((4, 6, 2), "uint8"),
    "F": ((4, 6), "float32"),
    "I": ((4, 6), "int32"),
}
for mode, (shape, kind) in FORMS.items():
    array = np.zeros(shape, kind)
    image = Image.fromarray(array)
    array[...] = 7
    seen = np.asarray(image)
    follows = bool((seen == 7).all())
    known = any(each is array for each in gc.get_referents(image.__dict__)) or np.shares_memory(seen, array)
    print(f"{image.mode}: follows the array: {follows}, readonly: {image.readonly}, Python sees the array: {known}")
    assert (image.mode, follows, image.readonly, known) == (mode, mode in ("L", "I;16", "RGBA"), int(follows), False)

array = np.zeros((4, 6), "uint8")
image = Image.fromarray(array)
image.putpixel((0, 0), 1)
array[...] = 7
print("after putpixel:", image.getpixel((5, 3)), "readonly:", image.readonly)
assert (image.getpixel((5, 3)), image.readonly) == (0, 0)
PY
