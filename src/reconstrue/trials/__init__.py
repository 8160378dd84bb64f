"""What was answered: one row = one observer x one image, people and models alike.

`read_trials` reads folders of the field's CSV files into a `TrialTable`; `Sidecar` is the note that a run leaves
beside a file, saying which images it showed.
"""

from reconstrue.stimuli.names import image_id, texture_category
from reconstrue.trials.chosen import of_categories, read_categories
from reconstrue.trials.sidecar import (
    Sidecar,
    read_sidecar,
    sidecar_path,
    write_sidecar,
)
from reconstrue.trials.table import (
    NO_RESPONSE,
    Problem,
    ReadResult,
    TrialTable,
    is_human,
    observer_name,
    read_csv,
    read_trials,
    trial_table,
    write_csv,
)

__all__ = [
    "NO_RESPONSE",
    "Problem",
    "ReadResult",
    "Sidecar",
    "TrialTable",
    "image_id",
    "is_human",
    "observer_name",
    "of_categories",
    "read_categories",
    "read_csv",
    "read_sidecar",
    "read_trials",
    "sidecar_path",
    "texture_category",
    "trial_table",
    "write_csv",
    "write_sidecar",
]
