"""The distortions on real pictures, with the gamma table and the mean spectrum of the published study."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import fftpack, ndimage

from reconstrue.stimuli.distortions import distort
from reconstrue.stimuli.distortions.tone import to_grey

FEW = ("cat", "car", "clock", "bird")


@pytest.fixture(scope="module")
def pictures(shared_data: Path) -> list[NDArray[np.uint8]]:
    """Four cue-conflict pictures and four photographs brought to 224 px."""
    folder = shared_data / "stimuli" / "cue-conflict"
    found = [Image.open(sorted((folder / category).glob("*.png"))[0]) for category in FEW]
    rows = pq.read_table(shared_data / "photos" / "cifar10-test.parquet", columns=["img"]).slice(0, 4).to_pylist()
    found += [Image.open(io.BytesIO(row["img"]["bytes"])).resize((224, 224), Image.Resampling.BICUBIC) for row in rows]
    return [np.asarray(one.convert("RGB")) for one in found]


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("std", [1, 5, 40])
def test_low_pass_is_scipy_s(std: int, pictures: list[NDArray[np.uint8]]) -> None:
    for picture in pictures:
        blurred = ndimage.gaussian_filter(to_grey(picture / 255), std, mode="constant", cval=0.4423)
        result = distort(picture, "low-pass", str(std), generator())[..., 0]
        assert np.abs(result - 255 * blurred).max() <= 0.5 + 1e-9


def test_power_equalisation_with_the_study_s_spectrum(shared_data: Path, pictures: list[NDArray[np.uint8]]) -> None:
    """The mean grey becomes the spectrum's, and what is not clipped has its amplitudes: by the centred transform."""
    spectrum = np.load(shared_data / "reference" / "mean_amplitude_spectrum.npy")
    for picture in pictures:
        transform = fftpack.fftshift(fftpack.fft2(to_grey(picture / 255)))
        expected = fftpack.ifft2(fftpack.ifftshift(spectrum * transform / np.abs(transform))).real
        result = distort(picture, "power-equalisation", "pow", generator(), spectrum=spectrum)
        assert np.abs(result[..., 0] - 255 * expected.clip(0, 1)).max() <= 0.5 + 1e-6
    assert spectrum[112, 112] / 224**2 == pytest.approx(0.4545, abs=1e-4)


def test_opponent_colours_with_the_study_s_monitor(shared_data: Path, pictures: list[NDArray[np.uint8]]) -> None:
    """Turned twice, colours that were not clipped are what they were, to the steps of the table; the hue is turned."""
    gamma = np.load(shared_data / "reference" / "monitor_gamma.npy")
    for picture in pictures:
        turned = distort(picture, "false-colour", "false", generator(), gamma=gamma)
        back = distort(turned, "false-colour", "false", generator(), gamma=gamma)
        inside = ((turned > 8) & (turned < 247)).all(axis=2)
        assert inside.mean() > 0.3
        assert np.abs(back.astype(int) - picture)[inside & (picture > 8).all(axis=2)].mean() < 2
        chroma = [one[..., 0].astype(float) - one[..., 2] for one in (picture, turned)]
        assert np.corrcoef(chroma[0][inside], chroma[1][inside])[0, 1] < -0.5


def test_eidolons_change_real_pictures_as_much_as_the_toolbox_does(pictures: list[NDArray[np.uint8]]) -> None:
    """Less coherent fields take more of the contrast; all keep the mean grey, to the truncation of 8 bits."""
    for picture in pictures[::3]:
        grey = distort(picture, "colour", "bw", generator()).astype(float)
        names = ("eidolonI", "eidolonII", "eidolonIII")
        results = [distort(picture, name, "16", generator()).astype(float) for name in names]
        spreads = [result.std() for result in results]
        assert grey.std() > spreads[0] > spreads[1] > spreads[2] > 0.3 * grey.std()
        assert max(abs(result.mean() - grey.mean()) for result in results) < 12
