"""Small photographs in all layouts, and a recipe that learns from them in seconds; run as a program, one process of a training.

``python -m tests.tiny_photographs DATA WORK GLOBAL_BATCH`` follows the recipe in as many processes as RANK and WORLD_SIZE say.
"""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from reconstrue.train.at_scale.recipe import PhotographRecipe, load_photograph_recipe

CLASSES = ("bear", "cat", "dog")


def recipe(**changes: object) -> PhotographRecipe:
    """The noisy recipe with a network of two thin stages, on pictures of 32 px."""
    small = replace(
        load_photograph_recipe("resnet50-diffusion-noise"),
        name="tiny",
        epochs=2,
        batch_size=4,
        side=32,
        widths=[8, 8],
        depths=[1, 1],
        block="basic",
    )
    return replace(small, **changes)


def pictures(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Class, key and PNG of pictures of 36 × 44 px, each class in a colour of its own."""
    for i in range(count):
        rng = np.random.default_rng(i)
        pixels = rng.integers(0, 96, (44, 36, 3), dtype=np.uint8)
        pixels[:, :, i % 3] += 128
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        yield CLASSES[i % 3], f"{CLASSES[i % 3]}{i // 3}", file.getvalue()


def as_folder(folder: Path, shown: Sequence[tuple[str, str, bytes]]) -> Path:
    """One folder for each class."""
    for label, key, encoded in shown:
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{key}.png").write_bytes(encoded)
    return folder


def as_tar(path: Path, shown: Sequence[tuple[str, str, bytes]]) -> Path:
    """A WebDataset shard, with the classes' names beside it."""
    members = []
    for label, key, encoded in shown:
        members += [
            (f"./{key}.png", encoded),
            (f"./{key}.json", b"{}"),
            (f"./{key}.cls", b"%d\n" % CLASSES.index(label)),
        ]
    write_tar(path, members)
    (path.parent / "classes.txt").write_text("\n".join(CLASSES))
    return path


def write_tar(path: Path, members: Sequence[tuple[str, bytes]]) -> Path:
    """A tape with members of these names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tape:
        for name, content in members:
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tape.addfile(about, io.BytesIO(content))
    return path


def as_parquet(path: Path, shown: Sequence[tuple[str, str, bytes]], column: str = "image") -> Path:
    """A shard as the hub's libraries write it, with the classes' names in its metadata."""
    rows = [{"bytes": encoded, "path": None} for _, _, encoded in shown]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    names = ", ".join(f'"{name}"' for name in CLASSES)
    table = pa.table(
        {column: pa.array(rows, kind), "label": pa.array([CLASSES.index(label) for label, _, _ in shown])}
    ).replace_schema_metadata({"huggingface": f'{{"info": {{"features": {{"label": {{"names": [{names}]}}}}}}}}'})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=5)
    return path


def main() -> None:
    """Follow the recipe with 32 pictures at once, without printing."""
    import torch

    from reconstrue.train.at_scale.follow import follow
    from reconstrue.train.at_scale.settings import Settings

    torch.set_num_threads(1)
    data, work, batch = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    follow(
        recipe(batch_size=32),
        settings=Settings(data, global_batch=batch, workers=0),
        out=work / "out",
        work=work,
        say=lambda line: None,
    )


if __name__ == "__main__":
    main()
