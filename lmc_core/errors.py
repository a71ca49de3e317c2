"""The one error class that users of the project meet."""


class LMCError(Exception):
    """A fault that a user can act on: its text is one sentence that says what was wrong and what to do."""


class Stopped(LMCError):
    """The run was asked to stop and did, after writing its checkpoint."""
