"""Small copies of figures for the gallery: ``python docs/shrink.py results docs/gallery``.

A palette of 256 colours makes them small. The colours of the theme are in it whatever the picture, since a palette fitted to
a map alone would give two lines of a legend one colour.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

from figures.theme import PALETTE, SEQUENTIAL

WIDTH = 1100
LARGEST_ERROR = 5.0
"""Error of colour, of 255, up to which the palette serves for all but 3 % of the pixels: maps in two scales need more."""
LARGEST_SIZE = 200_000
"""Bytes above which a picture has to do with the palette all the same."""


def theme_colours() -> list[tuple[int, int, int]]:
    """Lines and their smoothed edges, the colours of maps, greys: 168 of the 256."""
    opaque = np.array([mpl.colors.to_rgb(colour) for colour in (*PALETTE, "#7B4FA3")])
    edges = [1.0 - share * (1.0 - opaque) for share in (1.0, 0.75, 0.5, 0.25)]
    maps = mpl.colormaps[SEQUENTIAL](np.linspace(0.0, 1.0, 112))[:, :3]
    greys = np.linspace(0.0, 1.0, 24)[:, None] * np.ones(3)
    return [tuple(np.round(255 * colour).astype(int).tolist()) for colour in np.concatenate([*edges, maps, greys])]


def nearest(pixels: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Place in the palette of the nearest colour for each pixel, shape (..., 3); Pillow's own search is coarse in white."""
    colours, place = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    chosen = np.concatenate([
        np.square(part[:, None].astype(float) - palette).sum(axis=2).argmin(axis=1)
        for part in np.array_split(colours, 1 + len(colours) // 2000)
    ])  # fmt: skip
    return chosen[place].reshape(pixels.shape[:-1]).astype(np.uint8)


def shrink(picture: Path, folder: Path) -> Path:
    """Write the small copy of a picture into `folder`."""
    image = Image.open(picture).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    theme = theme_colours()
    fitted = image.quantize(256 - len(theme)).getpalette() or []
    palette = np.concatenate([np.array(theme), np.reshape(fitted, (-1, 3))])
    pixels = np.asarray(image)
    places = nearest(pixels, palette)
    error = np.percentile(np.abs(pixels - palette[places].astype(float)).max(axis=2), 97)
    small = Image.fromarray(places, mode="P")
    small.putpalette(palette.ravel().tolist())
    target = folder / picture.name
    image.save(target, optimize=True)
    if error < LARGEST_ERROR or target.stat().st_size > LARGEST_SIZE:
        small.save(target, optimize=True)
    return target


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    for path in sorted(source.glob(sys.argv[3] if len(sys.argv) > 3 else "*.png")):
        print(shrink(path, target), f"{(target / path.name).stat().st_size / 1024:.0f} kB")
