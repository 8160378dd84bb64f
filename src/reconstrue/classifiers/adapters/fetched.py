"""Load a model whose weights a library fetches by name: a missing network or a licence click is said in one line."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from reconstrue.classifiers.adapters.guarded import first_line, guarded_load
from reconstrue.errors import UserError

_NOT_REACHED = (LocalEntryNotFoundError, HfHubHTTPError, OfflineModeIsEnabled, URLError, ConnectionError, TimeoutError)


@contextmanager
def fetched_load(source: str) -> Iterator[None]:
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
            # Libraries wrap what the network said into errors of their own.
            causes = _causes(error)
            if any(isinstance(cause, GatedRepoError) for cause in causes):
                raise UserError(
                    f"{source}: accept the licence on the model's page of the hub, then run `hf auth login`"
                ) from error
            if any(isinstance(cause, RepositoryNotFoundError) for cause in causes):
                raise UserError(f"{source}: its weights are no longer on the hub; give a local folder") from error
            for cause in causes:
                if isinstance(cause, _NOT_REACHED):
                    raise UserError(
                        f"{source}: the weights cannot be reached and there is no local copy ({first_line(cause)}); "
                        "load them once on a machine with a network and copy its cache, or give a local folder"
                    ) from error
            raise


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and all that it was raised from or after."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
