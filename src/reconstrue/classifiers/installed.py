"""What of a model is on this machine: its library, and its weights."""

from __future__ import annotations

from importlib.util import find_spec

from reconstrue.classifiers.cards import Card
from reconstrue.registry import EXTRAS

# Loaders of libraries that an extra brings.
_LIBRARIES = {"load_timm": "timm", "load_open_clip": "open_clip", "load_torchvision": "torchvision"}


def whereabouts(card: Card) -> str:
    """Say in a few words where the weights are, and what is missing here.

    One of: in this package; downloaded; needs an extra; to be downloaded (after a click on the licence page).
    """
    if card.packaged is not None:
        return "in this package"
    library = _LIBRARIES.get(card.loader.partition(":")[2])
    if library is not None:
        if find_spec(library) is None:
            return f"needs reconstrue[{EXTRAS[library]}]"
        return f"by {library}"
    if _downloaded(card):
        return "downloaded"
    return "hub, licence click" if card.gated else "hub"


def _downloaded(card: Card) -> bool:
    """Whether the hub's cache holds the model's index or config, at any revision that was asked for by that name."""
    from huggingface_hub import try_to_load_from_cache

    return any(
        isinstance(try_to_load_from_cache(card.source, name, revision=card.revision or None), str)
        for name in ("model_index.json", "config.json")
    )
