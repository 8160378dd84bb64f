"""What of a model is on this machine: its library, and its weights."""

from __future__ import annotations

from importlib.util import find_spec

from reconstrue.classifiers.cards import Card
from reconstrue.registry import EXTRAS

# Loaders of libraries that an extra brings, and that fetch weights by a name of their own.
_LIBRARIES = {"load_timm": "timm", "load_open_clip": "open_clip", "load_torchvision": "torchvision"}
# What pip calls them, where that differs.
DISTRIBUTIONS = {"open_clip": "open_clip_torch"}
# Files that come last: where one is, the download was not cut short before it.
_WEIGHTS = (
    "unet/diffusion_pytorch_model.safetensors",
    "transformer/diffusion_pytorch_model.safetensors",
    "transformer/diffusion_pytorch_model.safetensors.index.json",
    "model.safetensors",
    "model.safetensors.index.json",
)


def library_of(card: Card | None) -> str | None:
    """Return the library that fetches a card's weights by a name of its own, or None."""
    return None if card is None else _LIBRARIES.get(card.loader.partition(":")[2])


def whereabouts(card: Card) -> str:
    """Say in a few words where the weights are, and what is missing here."""
    if card.packaged is not None:
        return "in this package"
    if card.loader.endswith(":load_own_checkpoint"):
        return "a folder of yours"
    library = library_of(card)
    if library is not None:
        return f"by {library}" if find_spec(library) is not None else f"needs reconstrue[{EXTRAS[library]}]"
    if _downloaded(card):
        return "downloaded"
    return "hub, licence click" if card.gated else "hub"


def _downloaded(card: Card) -> bool:
    """Whether the hub's cache holds the network's weights at the card's revision."""
    from huggingface_hub import try_to_load_from_cache

    return any(
        isinstance(try_to_load_from_cache(card.source, name, revision=card.revision or None), str) for name in _WEIGHTS
    )
