"""The one error class that users of the project meet."""

import re
from collections.abc import Callable
from pathlib import PurePath

MODELS_FOLDER = "the models' folder"
"""What a page calls the folder of checkpoints."""

DATA_FOLDER = "the data folder"
"""What a page calls the folder of data sets."""
CACHE = "the server's cache"
"""What a page calls the folder of runs."""

_MARKED = re.compile(r"‹(?P<plain>[^‹›|]+)(?:\|(?P<page>[^‹›|]*))?›")


def field(path: str) -> str:
    """A field of a spec in a sentence: the command line says its path, a page its label."""
    return f"‹{path}›"


def place(path: object, words: str) -> str:
    """A folder or file in a sentence: the command line says its path, a page other words, since a path there is the server's."""
    return f"‹{unmarked(path)}|{words}›"


def data_file(path: PurePath) -> str:
    """A file or folder of a data set in a sentence: the command line says its path, a page its name alone."""
    return place(path, f"{unmarked(path.name)} in {DATA_FOLDER}")


def unmarked(value: object) -> str:
    """What somebody typed, or a path, as a sentence may hold it: without the marks of fields and places."""
    return str(value).translate({ord("‹"): "<", ord("›"): ">"})


def plain(sentence: str) -> str:
    """A sentence as the command line says it, with the paths of its fields and folders."""
    return _MARKED.sub(r"\g<plain>", sentence)


class LMCError(Exception):
    """A fault that a user can act on: its text is one sentence that says what was wrong and what to do.

    Args:
        sentence: in which `field` and `place` mark what a page says in other words than the command line.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(plain(sentence))
        self.sentence = sentence

    def worded(self, label: Callable[[str], str]) -> str:
        """The sentence as a page says it, with labels in the place of paths."""
        return _MARKED.sub(lambda mark: label(mark["plain"]) if mark["page"] is None else mark["page"], self.sentence)


class Stopped(LMCError):
    """The run was asked to stop and did, after writing its checkpoint."""
