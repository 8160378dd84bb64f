"""Where stimuli come from: a folder that the user names, the package's data folder, or the pocket world."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset, load_catalog
from reconstrue.stimuli.folders import read_folder
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.stimuli.world.sets import world_set

# The word that stands for the drawn world instead of a folder.
POCKET = "pocket"
# Pictures of a pocket set where no limit is given.
_POCKET_COUNT = 96


@dataclass(frozen=True)
class Source:
    """Located stimuli.

    Attributes:
        stimuli: the set.
        catalogue_images: how many images the whole published set has; None for the pocket world.
        world: ``pocket`` for the drawn world, None for published pictures.
    """

    stimuli: StimulusSet
    catalogue_images: int | None
    world: str | None


def data_folder() -> Path:
    """Return the folder where fetched data sets lie (the user's cache folder of this package)."""
    import pooch

    return Path(pooch.os_cache("reconstrue"))


def locate(name: str, where: str | None, *, limit: int | None, seed: int) -> Source:
    """Return the stimuli of a data set.

    Args:
        name: of the data set, in the catalogue.
        where: a folder that holds the pictures or a folder of that name which does; ``pocket`` for the drawn world;
            None for the package's own data folder.
        limit: a seeded sample of so many, balanced over categories; for the pocket world the number drawn.
        seed: of the sample, or of the world.

    Raises:
        UserError: an unknown data set, a limit below 1, nothing there, or a folder of another layout.
    """
    if limit is not None and limit < 1:
        raise UserError(f"--limit must be at least 1, got {limit}")
    if where == POCKET:
        return Source(world_set(name, limit or _POCKET_COUNT, seed), None, POCKET)
    about = dataset(name)
    folder = data_folder() / "stimuli" / name if where is None else Path(where)
    if where is None and not folder.is_dir():
        raise UserError(
            f"the pictures of {name} are not on this machine; give their folder with --stimuli DIR, "
            f"or --stimuli {POCKET} for the pocket world"
        )
    if (folder / name).is_dir():
        folder /= name
    else:
        _refuse_other_sets(folder, name)
    return Source(read_folder(folder, name, limit=limit, seed=seed), about.n_images, None)


def _refuse_other_sets(folder: Path, name: str) -> None:
    """Raise UserError where the folder is, or holds, another set: its pictures would pass for those of `name`."""
    others = [other for other in load_catalog() if other != name]
    if folder.resolve().name in others:
        raise UserError(f"{folder}: is named after another data set; give the folder of {name}")
    held = [other for other in others if (folder / other).is_dir()]
    if held:
        raise UserError(f"{folder}: holds {', '.join(held)} but no folder '{name}'; put its pictures there")


def on_disk(name: str) -> str:
    """Return where a published data set lies on this machine, or '' where it is not."""
    folder = data_folder() / "stimuli" / name
    return os.fspath(folder) if folder.is_dir() else ""
