"""The diffusers door: any pipeline folder, local or hub, whose class is listed here becomes a `Denoiser`.

One small file per conditioning family. Everything is read from the model's own configs: prediction type, noise
schedule, latent scale and shift, resolution, number of output channels.
"""

from __future__ import annotations

from reconstrue.registry import Registry

_HERE = "reconstrue.classifiers.adapters.diffusers"

# Pipeline class of model_index.json -> the family that knows how its network is told a prompt.
FAMILIES: Registry[type] = Registry("diffusers pipeline class")
for _pipeline, _target in {
    "StableDiffusionPipeline": f"{_HERE}.stable_diffusion:StableDiffusionDenoiser",
    "StableDiffusionXLPipeline": f"{_HERE}.stable_diffusion_xl:StableDiffusionXLDenoiser",
    "StableDiffusion3Pipeline": f"{_HERE}.stable_diffusion_3:StableDiffusion3Denoiser",
    "FluxPipeline": f"{_HERE}.flux:FluxDenoiser",
    "IFPipeline": f"{_HERE}.deepfloyd:DeepFloydDenoiser",
    "PixArtAlphaPipeline": f"{_HERE}.pixart:PixArtDenoiser",
    "PixArtSigmaPipeline": f"{_HERE}.pixart:PixArtDenoiser",
    "SanaPipeline": f"{_HERE}.sana:SanaDenoiser",
    "PRXPipeline": f"{_HERE}.prx:PRXDenoiser",
}.items():
    FAMILIES.register(_pipeline, _target)
del _pipeline, _target
