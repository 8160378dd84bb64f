"""The app's logic: moments of a race, the HTML made of them, and what a model draws again."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tests import tiny
from tests.tiny_discriminative import save_clip
from tests.tiny_masked import save_tiny_amused

from reconstrue.app.pictures import evidence_html, redrawn_html, seen_html
from reconstrue.app.see import see
from reconstrue.app.watch import Moment, watch
from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.generative.masked import MaskedClassifier
from reconstrue.classifiers.generative.redraw import redraw, require_drawer
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.illusions import illusion_set
from reconstrue.stimuli.world.sets import world_set

HOSTILE = '<script>alert("x")</script> & "quotes"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    tiny.save_stable_diffusion(made / "latent", "v_prediction")
    save_tiny_amused(made / "masked")
    save_clip(made / "clip")
    return made


@pytest.fixture(scope="module")
def latent(folder: Path) -> Classifier:
    return load_classifier(str(folder / "latent"), Options(policy="clark-jaini", max_draws=40))


@pytest.fixture(scope="module")
def stimulus() -> Stimulus:
    return world_set("original", 1, 0).stimuli[0]


@pytest.mark.parametrize("name", ["latent", "masked", "clip"])
def test_the_last_moment_is_what_score_says(folder: Path, stimulus: Stimulus, name: str) -> None:
    labels = ("cat", "truck", "dog")
    classifier = load_classifier(str(folder / name), Options(max_draws=24, temperature=2.0))
    moments = list(watch(classifier, stimulus, labels))
    asked = classifier.score([stimulus], labels)
    last = moments[-1]
    np.testing.assert_array_equal(last.scores.log_evidence, asked.log_evidence)
    np.testing.assert_array_equal(last.scores.posterior, asked.posterior)
    assert last.evaluations == asked.evaluations[0]
    assert last.decision == asked.decisions()[0]
    assert last.p_correct == asked.p_correct(2.0)[0].max()
    assert [bool(moment.ended) for moment in moments] == [False] * (len(moments) - 1) + [True]
    assert (len(moments) == 1) == (name == "clip"), "what is exact has one moment"
    if name != "clip":
        np.testing.assert_array_equal(last.scores.evidence[0].error, asked.evidence[0].error)
        assert last.ended == ("budget" if asked.evidence[0].budget_ended else "decided")


def test_moments_only_ever_add(latent: Classifier, stimulus: Stimulus) -> None:
    moments = list(watch(latent, stimulus, ("cat", "truck", "dog", "boat")))
    assert len(moments) > 3
    for moment in moments:
        assert moment.posterior.sum() == pytest.approx(1)
        leader = moment.labels.index(moment.decision)
        assert moment.lead[leader] == moment.half_width[leader] == 0
        assert (np.delete(moment.lead, leader) < 0).all()
    for before, after in itertools.pairwise(moments):
        assert after.evaluations > before.evaluations
        assert after.draws > before.draws
        gone = before.left_after >= 0
        assert (after.left_after[gone] == before.left_after[gone]).all(), "who left does not come back"
        assert (after.left_after[~gone] >= before.draws).sum() == after_leavers(before, after)


def after_leavers(before: Moment, after: Moment) -> int:
    return before.racing - after.racing


def test_the_interval_is_students_over_paired_draws(latent: Classifier, stimulus: Stimulus) -> None:
    moment = next(iter(watch(latent, stimulus, ("cat", "truck"))))
    # Four draws come first: t(0.975, 3) = 3.1824.
    assert moment.draws == 4
    drawn = moment.scores.evidence[0]
    scores = -drawn.weight[:, None] * drawn.error
    leader = moment.labels.index(moment.decision)
    gap = scores[:, 1 - leader] - scores[:, leader]
    assert moment.lead[1 - leader] == pytest.approx(gap.mean(), rel=1e-9)
    assert moment.half_width[1 - leader] == pytest.approx(3.18245 * gap.std(ddof=1) / 2, rel=1e-4)


def test_it_stops_between_rounds_and_keeps_what_it_has(latent: Classifier, stimulus: Stimulus) -> None:
    asked = itertools.count()
    moments = list(watch(latent, stimulus, ("cat", "truck"), stop=lambda: next(asked) >= 1))
    assert [(moment.draws, moment.ended) for moment in moments] == [(4, ""), (8, "stopped")]
    assert "stopped" in evidence_html(moments[-1])


def test_it_ends_at_the_time_limit(latent: Classifier, stimulus: Stimulus) -> None:
    clock = iter(range(100))
    moments = list(watch(latent, stimulus, ("cat", "truck"), most_seconds=2.5, clock=lambda: float(next(clock))))
    assert [(moment.seconds, moment.ended) for moment in moments] == [(1, ""), (2, ""), (3, "time")]


@pytest.mark.parametrize(("labels", "why"), [(("cat",), "at least two"), (("cat", "cat"), "given twice")])
def test_labels_that_cannot_race(latent: Classifier, stimulus: Stimulus, labels: tuple[str, ...], why: str) -> None:
    with pytest.raises(UserError, match=why):
        next(iter(watch(latent, stimulus, labels)))


class _Tags(HTMLParser):
    """Counts tags, and collects what a reader would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def test_labels_are_escaped_wherever_they_stand(latent: Classifier, stimulus: Stimulus) -> None:
    names = ("cat", "truck", HOSTILE)
    moment = list(watch(latent, stimulus, ("cat", "truck", "dog")))[-1]
    object.__setattr__(moment.scores, "labels", names)
    again = redraw(require_drawer(latent), stimulus, ("cat", "truck", "dog"), 0.6)
    left = dict.fromkeys(names, -1) | {HOSTILE: 20}
    for html in (evidence_html(moment), redrawn_html(again, names, left)):
        found = _Tags(html)
        assert "script" not in found.seen
        assert HOSTILE in found.said


def test_a_label_that_left_is_struck_out(folder: Path) -> None:
    classifier = load_classifier("pocket-latent", Options(policy="clark-jaini", max_draws=24))
    stimulus = world_set("original", 1, 0).stimuli[0]
    moment = list(watch(classifier, stimulus, ("airplane", "truck")))[-1]
    html = evidence_html(moment)
    assert moment.ended == "decided"
    assert re.search(r"<s>truck</s>.*?out at draw 20", html)
    assert "<s>airplane</s>" not in html
    assert 'data-fact="nfe">40<' in html, "two labels, twenty draws"


@pytest.mark.parametrize("name", ["latent", "masked"])
def test_what_is_drawn_again(folder: Path, stimulus: Stimulus, name: str) -> None:
    drawer = require_drawer(load_classifier(str(folder / name)))
    again = redraw(drawer, stimulus, ("cat", "truck"), 0.5)
    assert again.drawn.shape == (2, *again.picture.shape)
    assert 0 <= again.drawn.min() <= again.drawn.max() <= 1
    assert again.level == pytest.approx(0.5, abs=0.05)
    assert again.masked == (name == "masked")
    # Two labels: one step each, or twelve, and no more than there are hidden tokens.
    steps = min(12, drawer.model.tokens // 2) if isinstance(drawer, MaskedClassifier) else 1
    assert again.evaluations == 2 * steps
    other = redraw(drawer, stimulus, ("cat", "truck"), 0.5, draw=1)
    assert not np.array_equal(other.given, again.given), "another draw begins elsewhere"


def test_an_illusion_seen(latent: Classifier) -> None:
    found = see(latent, illusion_set(1, 0, latent.resolution)[0], 0.7, 2)
    assert 0 <= found.localisation <= 1 and 0 <= found.wrong <= 1
    assert found.distances.shape == (4,) and found.evaluations == 2 * 4
    assert set(_Tags(seen_html(found)).seen) >= {"img", "dl"}
    with pytest.raises(ValueError, match="at least 1"):
        see(latent, illusion_set(1, 0, latent.resolution)[0], 0.7, 0)


def test_a_model_that_draws_nothing_says_so(folder: Path) -> None:
    with pytest.raises(UserError, match="draws no picture again"):
        require_drawer(load_classifier(str(folder / "clip")))
