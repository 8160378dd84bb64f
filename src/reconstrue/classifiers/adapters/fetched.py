"""Load a model that may have to be fetched first: a missing network or a licence click is said in one line."""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from huggingface_hub import hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from reconstrue.classifiers.adapters.guarded import first_line, guarded_load
from reconstrue.classifiers.cards import Card
from reconstrue.errors import UserError

# What libraries raise where there is no network; ConnectionError is also the hub's offline mode.
_UNREACHABLE = (LocalEntryNotFoundError, HfHubHTTPError, OfflineModeIsEnabled, URLError, ConnectionError, TimeoutError)
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


@contextmanager
def fetched_load(source: str, *, revision: str | None = None, card: Card | None = None) -> Iterator[None]:
    """Guard one load of weights that may have to be fetched first.

    Raises:
        UserError: what `guarded_load` raises it for, weights that are gated, gone or out of reach, or a file that would
            have to be unpickled.
    """
    with guarded_load(source):
        try:
            yield
        except pickle.UnpicklingError as error:
            raise UserError(
                f"{source}: the file holds more than weights, and is not unpickled; save it as safetensors"
            ) from error
        except Exception as error:
            if Path(source).is_dir():
                raise
            found = not_fetched(source, error, revision=revision, card=card)
            if found is None:
                raise
            raise found from error


# What a model's folder may hold that is read; never pickles.
_READ = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]


def fetch_whole(repository: str, revision: str | None) -> Path | None:
    """Return the local folder of a hub model that is no pipeline, fetching it first; None for a pipeline.

    Raises:
        UserError: gated, gone or out of reach.
    """
    with fetched_load(repository, revision=revision):
        try:
            hf_hub_download(repository, "model_index.json", revision=revision)
        except (RemoteEntryNotFoundError, LocalEntryNotFoundError):
            return Path(snapshot_download(repository, revision=revision, allow_patterns=_READ))
    return None


def refuse_altered(path: Path) -> None:
    """Raise UserError for a published file whose SHA-256 does not begin as its name says, ``…-b8a52dc0.pth``."""
    promised = re.search(r"-([0-9a-f]{8,})\.pth$", path.name)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if promised is None or not found.startswith(promised[1]):
        raise UserError(
            f"{path}: its SHA-256 begins with {found[:16]}, not as its name says; it is damaged or another file: remove it, and "
            "it is fetched again"
        )


def not_fetched(
    source: str, error: Exception, *, revision: str | None = None, card: Card | None = None
) -> UserError | None:
    """Return the one line that says why a model is not here, and the way out; None where fetching was not the trouble."""
    on_hub = bool(_HUB_ID.fullmatch(source))
    page = f"https://huggingface.co/{source}" if on_hub else "its page of the hub"
    # Libraries wrap what the network said into errors of their own. A gated model is also one that is not found, so the
    # order matters.
    causes = _causes(error)

    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if among(GatedRepoError):
        return UserError(f"{source}: accept its licence on {page}, then run `hf auth login`")
    if among(RepositoryNotFoundError):
        return UserError(f"{source}: no such folder here and no such model on the hub; give a card's name or a folder")
    if among(RevisionNotFoundError):
        return UserError(f"{source}: the hub has no revision '{revision}' of it; see {page}")
    if among(RemoteEntryNotFoundError):
        return UserError(f"{source}: lacks a file that its format needs ({first_line(error)}); see {page}")
    licence = f" (its licence has to be accepted first, on {page})" if card is not None and card.gated else ""
    way_out = f"download the model on a machine with a network{licence} and give its folder"
    if not on_hub:
        way_out = "load it once on a machine with a network and copy its library's cache"
    for cause in causes:
        if isinstance(cause, _UNREACHABLE):
            said = first_line(cause)
            return UserError(
                f"{source}: {'' if card is not None or not on_hub else 'no folder of that name, and '}its weights cannot "
                f"be reached and there is no whole local copy ({said}); {way_out}"
            )
    if on_hub and isinstance(error, OSError):
        return UserError(f"{source}: a part of it cannot be loaded ({first_line(error)}); {way_out}")
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and all that it was raised from or after."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
