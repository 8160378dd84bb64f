"""The study of frequencies from model to files; a made-up observer of one octave is found out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.tiny import save_pixart, save_resnet
from typer.testing import CliRunner

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.distortions.band_noise import in_octave
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.stimuli.world.sets import world_set
from reconstrue.studies.frequencies import mask, pictures, run_frequencies

SIDE = 64


def silent(*told: object) -> None:
    """Show no progress."""


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-resnet"
    save_resnet(folder)
    return folder


@pytest.fixture(scope="module")
def pixart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-pixart"
    save_pixart(folder)
    return folder


class OneOctave(Classifier):
    """Knows every picture by heart, and answers by which of them is nearest in one octave of frequencies."""

    def __init__(self, known: Sequence[Stimulus], centre: float) -> None:
        self.name, self.model_type, self.resolution, self.batch_size = "one octave", "made up", SIDE, 16
        self.kept = in_octave(SIDE, SIDE, centre)
        self.known = np.stack([self.seen(s) for s in known])
        self.answers = np.array([CATEGORIES.index(s.category) for s in known])

    def seen(self, stimulus: Stimulus) -> np.ndarray:
        grey = stimulus.read()[..., :3].mean(axis=2) / 255
        spectrum = np.fft.fft2(grey)[self.kept]
        return spectrum / np.linalg.norm(spectrum)

    def settings(self) -> dict[str, object]:
        return {"kind": "made up"}

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        nearness = np.real(np.stack([self.seen(s) for s in stimuli]) @ self.known.conj().T)
        scores = np.full((len(stimuli), len(labels)), -1.0)
        np.maximum.at(scores, (slice(None), self.answers), nearness)
        n = len(stimuli)
        return Scores(tuple(labels), scores, np.full((n, len(labels)), 1 / len(labels)), np.ones(n, dtype=np.int64))


@pytest.fixture(scope="module")
def drawn() -> StimulusSet:
    """32 drawings whose pixels are read once."""
    found = world_set("original", 32, 0)
    held = []
    for stimulus in found:
        pixels = stimulus.read()
        held.append(Stimulus(**{**vars(stimulus), "read": lambda pixels=pixels: pixels}))
    return StimulusSet("original", tuple(held))


@pytest.mark.parametrize("centre", [4.0, 8.0])
def test_an_observer_of_one_octave_is_found_out(drawn: StimulusSet, centre: float) -> None:
    observer = OneOctave(drawn.stimuli, centre)
    found = mask(observer, drawn, seed=0, resamples=100)
    assert found.quiet.value == 1.0
    assert found.centres.tolist() == [1, 2, 4, 8, 16, 32]
    for band, other in enumerate(found.centres):
        strongest = found.accuracy[-1][band].value
        assert strongest < 0.5 if other == centre else strongest > 0.9
    assert found.channel.peak.value == pytest.approx(centre, rel=0.05)
    # As narrow as noise an octave wide can tell.
    assert found.channel.bandwidth.value == pytest.approx(1.0, abs=0.1)
    # Where too many resamples have no channel there is no interval.
    peak = found.channel.peak
    assert np.isnan(peak.low) or (peak.low <= centre * 1.02 and peak.high >= centre * 0.98)


def test_the_noise_of_a_picture_is_its_own_and_repeats(drawn: StimulusSet) -> None:
    seen: list[np.ndarray] = []

    class Watch(OneOctave):
        def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
            seen.extend(s.read() for s in stimuli)
            return super().score(stimuli, labels)

    few = StimulusSet("original", drawn.stimuli[:2])
    runs = []
    for order in (few, StimulusSet("original", drawn.stimuli[1::-1])):
        seen.clear()
        mask(Watch(few.stimuli, 4.0), order, seed=0, sds=(0.08,), resamples=0)
        runs.append(list(seen))
    # Seven cells of two pictures: without noise, then six octaves.
    assert len(runs[0]) == 14
    np.testing.assert_array_equal(runs[0][2], runs[1][3])
    # The lowest octave alone has twelve numbers of its own in a picture; of the highest there are thousands.
    noise = [(runs[0][12 + i].astype(float) - runs[0][i]).ravel() for i in range(2)]
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.1


def test_pictures_of_several_sizes_are_refused() -> None:
    def blank(side: int) -> Stimulus:
        return Stimulus(f"{side}", f"{side}", "cat", "0", "", lambda: np.zeros((side, side, 3), dtype=np.uint8))

    few = world_set("original", 1, 0)
    with pytest.raises(UserError, match="one size: there are 32 × 32, 64 × 64 px"):
        mask(OneOctave(few.stimuli, 4.0), StimulusSet("x", (blank(64), blank(32))), seed=0)


def test_of_a_parametric_set_only_undistorted_pictures_are_shown() -> None:
    found = pictures("low-pass", "pocket", limit=8, seed=0)
    assert 0 < len(found.stimuli) <= 8
    assert {s.condition for s in found.stimuli} == {"0"}


def test_a_supervised_model_is_masked_and_a_diffusion_model_split(tmp_path: Path, resnet: Path, pixart: Path) -> None:
    masked = run_frequencies(
        str(resnet), tmp_path / "resnet", tell=silent, stimuli="pocket", limit=4, resamples=50, parts=("masking",)
    )
    assert list(masked.masking) == ["original"] and not masked.bands
    said = json.loads((tmp_path / "resnet" / "frequencies.json").read_text())
    assert said["observer"] == "tiny-resnet" and said["bands"] == {}
    assert said["masking"]["original"]["n"] == 4
    assert said["masking"]["original"]["people_published"]["people"] == 14
    assert said["settings"]["noise_sds"] == [0, 0.02, 0.04, 0.08, 0.16]
    split = run_frequencies(
        str(pixart),
        tmp_path / "pixart",
        tell=silent,
        stimuli="pocket",
        limit=3,
        times=(0.3, 0.7),
        draws=1,
        resamples=50,
    )
    assert list(split.bands) == ["original", "cue-conflict"] and not split.masking
    assert split.bands["cue-conflict"].conflict and not split.bands["original"].conflict
    said = json.loads((tmp_path / "pixart" / "frequencies.json").read_text())
    # The tiny network sees 16 px: the mean and the octaves 1 to 8.
    assert said["bands"]["original"]["centres"] == [0, 1, 2, 4, 8]
    assert np.shape(said["bands"]["original"]["accuracy"]["band"]) == (2, 5)
    written = {path.name for path in (tmp_path / "pixart").iterdir()}
    assert {"bands.svg", "bands.png", "bands.pdf", "bands-original.csv", "bands-cue-conflict.csv"} <= written
    for path in (*masked.figures, *split.figures):
        if path.suffix == ".png":
            with Image.open(path) as picture:
                assert picture.width > 1000


def test_the_command_says_what_it_found(tmp_path: Path, pixart: Path) -> None:
    asked = ["frequencies", "--model", pixart, "--stimuli", "pocket", "-d", "cue-conflict", "--limit", 2, "--t", 0.5]
    asked += ["--draws", 1, "--resamples", 50, "--out", tmp_path / "out"]
    result = CliRunner().invoke(app, [str(one) for one in asked])
    assert result.exit_code == 0, result.output
    assert "Shape bias on cue-conflict (n = 2)" in " ".join(result.stdout.split())
    assert "the figures bands" in result.stdout


@pytest.mark.parametrize(
    ("more", "pattern"),
    [
        ({"parts": ("mask",)}, "unknown part 'mask'.*masking"),
        ({"times": (2.0,)}, "--t must lie within 0 and 1, got 2"),
        ({"draws": 0}, "--draws must be at least 1"),
        ({"contrast": 0.0}, "--contrast must be above 0"),
        ({"resamples": -1}, "--resamples must not be negative"),
        ({"limit": 0}, "--limit must be at least 1"),
        ({"datasets": ("cue-conflict",), "parts": ("masking",)}, "other than cue-conflict"),
        ({"parts": ("bands",)}, "tiny-resnet has no evidence by octaves"),
    ],
)
def test_what_cannot_be_asked_is_one_line(tmp_path: Path, resnet: Path, more: dict[str, object], pattern: str) -> None:
    asked = {"tell": silent, "stimuli": "pocket", "limit": 2, **more}
    with pytest.raises(UserError, match=pattern):
        run_frequencies(str(resnet), tmp_path / "out", **asked)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()
