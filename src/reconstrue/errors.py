"""The exceptions that are meant for the user."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that the user can mend: one clear line that names the file, the field and the way out.

    The command line prints the message without a traceback and ends with exit code 2.
    """


class NotANumberError(UserError):
    """A model's answer to a picture is not a finite number: no answer at all, which a run counts and goes on."""
