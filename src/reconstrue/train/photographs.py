"""Labelled photographs as the hub stores them: parquet files with a column of encoded pictures and one of labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.errors import UserError
from reconstrue.stimuli.folders import read_encoded

# What the column of pictures is called, in the hub's data sets.
_PICTURES = ("image", "img")
_ROWS = 256


@dataclass(frozen=True)
class Photographs:
    """Labelled photographs of one size, in memory.

    Attributes:
        pixels: (n, 3, height, width) uint8.
        labels: (n,) as the file numbers its classes.
        ids: one for each photograph: the file's name and the row, so that they are the same wherever it lies.
        classes: the names of the labels 0, 1, …; empty where the file does not state them.
    """

    pixels: UInt8[Tensor, "n 3 height width"]
    labels: Int64[Tensor, "n"]
    ids: tuple[str, ...]
    classes: tuple[str, ...]


def read_parquet(path: Path) -> Photographs:
    """Return all photographs of a parquet file with the columns ``img`` or ``image`` (struct with ``bytes``) and ``label``.

    Raises:
        UserError: not such a file, photographs of several sizes, one that is not a picture, or one without a label.
    """
    ids: list[str] = []
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    for name, encoded, label in parquet_rows(path):
        shown = read_encoded(encoded, name)
        if pixels and shown.shape != pixels[0].shape:
            raise UserError(
                f"{path}: {name} has {shown.shape[1]} × {shown.shape[0]} px, and those before it "
                f"{pixels[0].shape[1]} × {pixels[0].shape[0]}; photographs of one size are needed here"
            )
        ids.append(name)
        pixels.append(shown)
        labels.append(label)
    if not ids:
        raise UserError(f"{path}: holds no photographs")
    stacked = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous()
    return Photographs(stacked, torch.tensor(labels, dtype=torch.int64), tuple(ids), parquet_classes(path))


def parquet_rows(path: Path) -> Iterator[tuple[str, bytes, int]]:
    """Yield id, encoded picture and label of each row, a few rows in memory at a time; raises UserError as `read_parquet`."""
    with _parquet(path) as file:
        column = _picture_column(file, path)
        row = 0
        for batch in file.iter_batches(batch_size=_ROWS, columns=[column, "label"]):
            for picture, label in zip(batch.column(column).to_pylist(), batch.column("label").to_pylist(), strict=True):
                encoded = picture.get("bytes") if isinstance(picture, dict) else picture
                if not isinstance(encoded, bytes):
                    raise UserError(f"{path}, row {row}: holds no picture; a struct with 'bytes' is needed")
                if not isinstance(label, int) or label < 0:
                    raise UserError(
                        f"{path}, row {row}: the label {label!r} is unknown; give a file with labels from 0 on"
                    )
                yield f"{path.stem}-{row}", encoded, label
                row += 1


def parquet_classes(path: Path) -> tuple[str, ...]:
    """Return the class names that the hub's libraries wrote into the file; empty where there are none."""
    with _parquet(path) as file:
        stated = (file.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
    try:
        return tuple(str(name) for name in json.loads(stated)["info"]["features"]["label"]["names"])
    except (ValueError, KeyError, TypeError):
        return ()


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    """Open a parquet file; raises UserError where it is none."""
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except pyarrow.ArrowException as error:
        raise UserError(f"{path}: damaged or no parquet file; fetch it again") from error


def _picture_column(file: Any, path: Path) -> str:
    names = file.schema_arrow.names
    found = [name for name in _PICTURES if name in names]
    if not found or "label" not in names:
        raise UserError(f"{path}: has the columns {', '.join(names)}; 'image' or 'img', and 'label' are needed")
    return found[0]
