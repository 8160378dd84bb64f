"""The stored answers of the pocket models: what they are, and how they were made.

`python -m tests.golden.pocket` writes them again; do so only when new weights are meant.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.stimuli.world.sets import world_set

ANSWERS = Path(__file__).with_name("answers.json")
MODELS = tuple(name for name, card in load_cards().items() if card.packaged is not None)
SETS = ("original", "cue-conflict")
PICTURES = 8
DRAWS = 3


def answers(model: str, dataset: str) -> dict[str, object]:
    """Decisions and log-evidence of a model on a few pocket pictures (seed 5); a grid of 3 draws where it samples."""
    classifier = load_classifier(model, Options(policy="fixed-grid", max_draws=DRAWS, seed=5))
    scores = classifier.score(world_set(dataset, PICTURES, 5).stimuli, load_cards()[model].known)
    return {
        "decisions": scores.decisions(),
        "evaluations": scores.evaluations.tolist(),
        "log_evidence": np.round(scores.log_evidence, 5).tolist(),
    }


def main() -> None:
    """Write the answers of all models."""
    found = {model: {dataset: answers(model, dataset) for dataset in SETS} for model in MODELS}
    ANSWERS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
