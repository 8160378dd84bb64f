"""reconstrue: text-to-image models as zero-shot classifiers, measured against discriminative models and against people.

Five words carry the story, and the rooms are read in this order:

=================  ======================  =====================================================================
what was shown     `StimulusSet`           `stimuli/`: pictures with data set, condition, category, image id
who answered       `Classifier`            `classifiers/`: generative or discriminative, giving `Scores`
what was answered  `TrialTable`            `trials/`: one row = one observer × one image, people and models alike
what it means      `Estimate`              `metrics/`: accuracy, shape bias, error consistency, each with an interval
what we show       tables, figures, page   `report/`
=================  ======================  =====================================================================

`run/` lets classifiers answer stimuli, `train/` makes the pocket models of `pocket/`, `studies/` joins it all, and
`cli.py` is the door. Imports run one way, down the story. Importing this package loads nothing but the standard
library; the names below are fetched when they are first used.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_PUBLIC = {
    "StimulusSet": "reconstrue.stimuli.stimulus_set",
    "Classifier": "reconstrue.classifiers.base",
    "Scores": "reconstrue.classifiers.base",
    "Options": "reconstrue.classifiers.options",
    "load_classifier": "reconstrue.classifiers.load",
    "classify_files": "reconstrue.studies.classify",
    "TrialTable": "reconstrue.trials.table",
    "read_trials": "reconstrue.trials.table",
    "Estimate": "reconstrue.metrics.intervals",
    "benchmark": "reconstrue.metrics.benchmark",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> object:
    """Fetch a public name from its room when it is first asked for."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'reconstrue' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
