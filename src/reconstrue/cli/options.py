"""The options of everything that lets a model answer, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconstrue.errors import UserError

if TYPE_CHECKING:
    from reconstrue.classifiers.options import Options

Model = Annotated[str, typer.Option("--model", "-m", help="A card's name (see `reconstrue models`) or a model folder.")]
Policy = Annotated[
    str,
    typer.Option(
        help="How labels race: safe-leader (ends when the leader is safe), clark-jaini (paired t-tests), fixed-grid, li, li-nested."
    ),
]
MaxDraws = Annotated[
    int | None,
    typer.Option(
        help="Draws of noise per image at most; the paper's budget is 2000.", show_default="100; li has its own"
    ),
]
Weighting = Annotated[
    str, typer.Option(help="paper (exp(-7t) on the x-error), uniform-eps, snr, uniform-x, uniform-v, likelihood.")
]
Prompt = Annotated[
    list[str] | None,
    typer.Option(
        help="What the model is told; {label} is replaced. Several times for an ensemble; imagenet-80 for CLIP's 80. "
        "Default: the model's own, else the paper's 'A bad photo of a {label}.'",
        show_default=False,
    ),
]
MaskedMethod = Annotated[
    str, typer.Option(help="Of masked-token models: likelihood, or reconstruction (the paper's Appendix B).")
]
InputNoise = Annotated[
    str, typer.Option(help="What a supervised model is shown: none, or pictures with diffusion noise (Appendix E).")
]
Classes = Annotated[
    str | None,
    typer.Option(help="CSV with columns output,label: which outputs of a supervised model belong to which label."),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        help="Of p_correct, the probability of being right: `reconstrue calibrate` fits one. Default: the card's, if any.",
        show_default=False,
    ),
]
Categories = Annotated[
    str | None,
    typer.Option(
        help="Some of the 16, with commas between: only their pictures, and whoever is asked chooses among them alone.",
        show_default="all, or those that the model's card names",
    ),
]
Seed = Annotated[int, typer.Option(help="Of all noise, samples and the pocket world.")]
Dtype = Annotated[str, typer.Option(help="Of the network: float32, float16 or bfloat16.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, …")]
BatchSize = Annotated[str, typer.Option(help="Rows per forward; auto begins high and halves until they fit.")]


def model_options(given: Mapping[str, Any]) -> Options:
    """Return the settings of a model from the parameters of a command that takes all of the options above.

    Raises UserError for a batch size that is not one.
    """
    from reconstrue.classifiers.options import Options

    return Options(
        policy=given["policy"],
        max_draws=given["max_draws"],
        weighting=given["weighting"],
        prompts=tuple(given["prompt"]) if given["prompt"] else None,
        seed=given["seed"],
        dtype=given["dtype"],
        device=given["device"],
        batch_size=_batch_size(given["batch_size"]),
        masked_method=given["masked_method"],
        input_noise=given["input_noise"],
        classes=given["classes"],
        temperature=given["temperature"],
    )


def _batch_size(value: str) -> int | None:
    if value == "auto":
        return None
    if value.isdigit() and int(value) > 0:
        return int(value)
    raise UserError(f"--batch-size must be a whole number above 0 or auto, got '{value}'")
