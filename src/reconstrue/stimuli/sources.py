"""Where stimuli come from: a folder that the user names, the package's data folder, or the pocket world."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset, load_catalog
from reconstrue.stimuli.folders import picture_files, read_folder
from reconstrue.stimuli.names import GRAMMARS
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.stimuli.world.sets import world_set

# The word that stands for the drawn world instead of a folder.
POCKET = "pocket"
# What a sidecar says of a user's own pictures: no person's trials are of them.
OWN_WORLD = "own"
# Pictures of a pocket set where no limit is given.
_POCKET_COUNT = 96


@dataclass(frozen=True)
class Source:
    """Located stimuli.

    Attributes:
        stimuli: the set.
        catalogue_images: how many images the whole published set has; None for other pictures.
        world: ``pocket`` for the drawn world, ``own`` for a user's own pictures, None for published ones.
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
            f"the pictures of {name} are not on this machine; fetch them with `reconstrue data fetch {name}`, give their "
            f"folder with --stimuli DIR, or --stimuli {POCKET} for the pocket world"
        )
    if (folder / name).is_dir():
        folder /= name
    else:
        _refuse_other_sets(folder, name)
    stimuli = read_folder(folder, name, limit=limit, seed=seed)
    if not any(GRAMMARS[about.grammar].fullmatch(stimulus.image_id) for stimulus in stimuli):
        return Source(stimuli, None, OWN_WORLD)
    return Source(stimuli, about.n_images, None)


def _refuse_other_sets(folder: Path, name: str) -> None:
    """Raise UserError where the folder is, or holds, another set: its pictures would pass for those of `name`."""
    others = [other for other in load_catalog() if other != name]
    if folder.resolve().name in others:
        raise UserError(f"{folder}: is named after another data set; give the folder of {name}")
    held = [other for other in others if (folder / other).is_dir()]
    if held:
        raise UserError(f"{folder}: holds {', '.join(held)} but no folder '{name}'; put its pictures there")


@dataclass(frozen=True)
class Inventory:
    """What of a data set lies in the data folder.

    Attributes:
        pictures: their folder, '' where there is none.
        images: how many pictures it holds.
        trials: the folder of people's trials, '' where there is none.
        sessions: how many published files of people's trials it holds.
    """

    pictures: str
    images: int
    trials: str
    sessions: int


def inventory(name: str) -> Inventory:
    """Count what of a published data set is on this machine, without reading it."""
    pictures, trials = data_folder() / "stimuli" / name, data_folder() / "trials" / name
    try:
        images = len(picture_files(pictures, name))
    except UserError:
        images = 0
    sessions = sum((trials / file).is_file() for file in dataset(name).trial_files)
    return Inventory(str(pictures) if images else "", images, str(trials) if sessions else "", sessions)
