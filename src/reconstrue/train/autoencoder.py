"""Train what turns pictures into latents or into tokens: diffusers' `AutoencoderKL` and `VQModel`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from diffusers import AutoencoderKL, VQModel
from torch import Tensor, nn

from reconstrue.classifiers.adapters.guarded import guarded_load
from reconstrue.seeding import stream
from reconstrue.train.loop import Cost, fit
from reconstrue.train.pictures import Pictures, make_pictures
from reconstrue.train.recipe import Recipe, load_recipe
from reconstrue.trials.store import exclusive

# The codebook starts at cluster centres of what the encoder has learnt to say by then, not at random.
_CODES_FROM = 0.1
# Codes that nothing uses move to what the encoder says, until so late that all can still settle.
_RESTART_UNTIL = 0.7
_RESTART_EVERY = 50
_LOOKED_AT = 256
# What black and white are to a trained `VQModel`: aMUSEd's range.
VQ_RANGE = (0.0, 1.0)
# Seconds: a process that only takes up a finished autoencoder is done with it by then.
_PATIENCE = 60.0


def train_vae(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the `AutoencoderKL` folder `out` and return what the training cost.

    The loss is ‖x − x̂‖² plus `kl_weight` times the Kullback–Leibler divergence to N(0, 1), both averaged over values;
    `scaling_factor` is one over the latents' standard deviation on training pictures.
    """
    torch.manual_seed(recipe.seed)
    model = AutoencoderKL(**_shape(recipe), force_upcast=False)
    pictures = make_pictures(recipe, keep=work.parent / "pictures")

    def loss(network: nn.Module, step: int) -> Tensor:
        x, _ = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        vae = cast(Any, network)
        told = vae.encode(x).latent_dist
        noise = torch.from_numpy(stream(recipe.seed, "latent", step).standard_normal(told.mean.shape, dtype=np.float32))
        decoded = vae.decode(told.mean + told.std * noise).sample
        divergence = 0.5 * (told.mean.square() + told.var - 1 - told.logvar).mean()
        return cast(Tensor, nn.functional.mse_loss(decoded, x) + recipe.model["kl_weight"] * divergence)

    averaged, cost = fit(recipe, model, loss, folder=work, say=say)
    best = cast(AutoencoderKL, averaged)
    with torch.inference_mode():
        latents = torch.cat([best.encode(x).latent_dist.mode() for x in _some(pictures)])
    best.register_to_config(scaling_factor=round(float(1 / latents.std()), 4))
    best.save_pretrained(out, safe_serialization=True)
    return cost


def train_vq(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the `VQModel` folder `out` and return what the training cost.

    The loss is 4 ‖x − x̂‖² averaged over values plus the quantiser's own. For the first tenth nothing is quantised; then
    the codebook starts at cluster centres, and codes that die are restarted. Pixels are in [0, 1], as in aMUSEd.
    """
    torch.manual_seed(recipe.seed)
    model = VQModel(
        **_shape(recipe),
        num_vq_embeddings=recipe.model["codes"],
        vq_embed_dim=recipe.model["code_width"],
    )
    # The published quantiser weighs commitment and codebook the wrong way round unless told so.
    model.quantize.legacy = False
    pictures = make_pictures(recipe, keep=work.parent / "pictures")
    begin = int(_CODES_FROM * recipe.steps)

    def loss(network: nn.Module, step: int) -> Tensor:
        x, _ = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        x, vq = x / 2 + 0.5, cast(Any, network)
        if step >= begin and (step - begin) % _RESTART_EVERY == 0 and step < _RESTART_UNTIL * recipe.steps:
            vectors = _vectors(vq, pictures.batch(recipe.seed, step, _LOOKED_AT)[0] / 2 + 0.5)
            _restart(vq.quantize.embedding.weight, vectors, recipe.seed, step, whole=step == begin)
        latents = vq.encode(x).latents
        decoded = vq.decode(latents, force_not_quantize=step < begin)
        return cast(Tensor, 4 * nn.functional.mse_loss(decoded.sample, x) + decoded.commit_loss.mean())

    averaged, cost = fit(recipe, model, loss, folder=work, say=say)
    best = cast(VQModel, averaged)
    # So that the public pipeline can hand its decoder token ids.
    best.register_to_config(lookup_from_codebook=True)
    best.save_pretrained(out, safe_serialization=True)
    return cost


@torch.inference_mode()
def reconstruction_error(recipe: Recipe, folder: Path, pixels: Tensor) -> float:
    """Return the root mean squared error of reconstructed pictures, in units of the whole range of a pixel.

    Args:
        recipe: says which kind of autoencoder is in the folder.
        folder: as a trainer of this module saved it.
        pixels: (n, 3, side, side) in [0, 1].
    """
    if recipe.trainer.endswith("train_vae"):
        vae = AutoencoderKL.from_pretrained(folder, low_cpu_mem_usage=False).eval()
        decoded = vae.decode(vae.encode(pixels * 2 - 1).latent_dist.mode()).sample / 2 + 0.5
    else:
        decoded = VQModel.from_pretrained(folder, low_cpu_mem_usage=False).eval()(pixels).sample
    return float((decoded.clamp(0, 1) - pixels).square().mean().sqrt())


def ready(name: str, *, work: Path, say: Callable[[str], None]) -> tuple[Path, Cost]:
    """Return the folder of the autoencoder that a recipe makes, following it where that has not been done, and its cost.

    Raises:
        UserError: there is one of another version of the recipe, or another process trains it.
    """
    recipe = load_recipe(name)
    trainer = train_vae if recipe.trainer.endswith("train_vae") else train_vq
    out = work / name / "model"
    # A finished training is taken up at its last step, which costs seconds and compares the recipes.
    with exclusive(work / name, say, wait=_PATIENCE, flag="--work"):
        cost = trainer(recipe, work=work / name, out=out, say=say)
    return out, cost


def rounded(kind: type[Any], folder: Path, name: str) -> Any:
    """Return a trained autoencoder as it will be shipped, so that pictures have the same codes in training and ever after.

    Args:
        kind: `AutoencoderKL` or `VQModel`.
        folder: as a trainer of this module saved it.
        name: that its config is to carry, instead of the folder where it lay.

    Raises:
        UserError: its files are damaged.
    """
    with guarded_load(str(folder)):
        model = kind.from_pretrained(folder, low_cpu_mem_usage=False).eval().half().float()
    model.register_to_config(_name_or_path=name)
    return model


def _shape(recipe: Recipe) -> dict[str, Any]:
    """Return the options that both kinds share; every width but the first halves the side."""
    widths = list(recipe.model["widths"])
    return {
        "block_out_channels": widths,
        "down_block_types": ["DownEncoderBlock2D"] * len(widths),
        "up_block_types": ["UpDecoderBlock2D"] * len(widths),
        "layers_per_block": 1,
        "latent_channels": recipe.model["latent_channels"],
        "norm_num_groups": 8,
        "sample_size": recipe.side,
        "mid_block_add_attention": False,
    }


def _some(pictures: Pictures) -> list[Tensor]:
    return [(part.float() / 127.5 - 1) for part in torch.split(pictures.pixels[:1024], 64)]


@torch.no_grad()
def _vectors(vq: Any, pixels: Tensor) -> Tensor:
    """Return what the encoder says of pictures, one vector per token, in a fixed order."""
    parts = [vq.encode(part).latents for part in torch.split(pixels, 64)]
    return torch.cat(parts).permute(0, 2, 3, 1).flatten(0, 2)


@torch.no_grad()
def _restart(codebook: Tensor, vectors: Tensor, seed: int, step: int, *, whole: bool) -> None:
    """Move unused codes (all, at first) to vectors of the encoder; at first also to the centres of their clusters."""
    rng = stream(seed, "codes", step)
    chosen = vectors[torch.from_numpy(rng.choice(len(vectors), len(codebook), replace=False))]
    if whole:
        codebook.copy_(chosen)
        for _ in range(10):
            nearest = torch.cdist(vectors, codebook).argmin(dim=1)
            sums = torch.zeros_like(codebook).index_add_(0, nearest, vectors)
            counts = torch.bincount(nearest, minlength=len(codebook))
            used = counts > 0
            codebook[used] = sums[used] / counts[used, None]
    dead = torch.bincount(torch.cdist(vectors, codebook).argmin(dim=1), minlength=len(codebook)) == 0
    codebook[dead] = chosen[dead]
