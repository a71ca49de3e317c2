"""What a page may load."""

import base64
import hashlib
import re

from lmc_core.ui.content_policy import policy
from lmc_core.ui.shell import inline_scripts, shell


def sources(text: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in text.split("; "))}


def test_nothing_may_come_from_elsewhere() -> None:
    everything = [source for named in sources(policy()).values() for source in named]
    assert set(everything) == {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}


def test_no_script_may_stand_in_a_page_but_those_of_the_page_itself() -> None:
    scripts = inline_scripts()
    allowed = sources(policy(scripts))["script-src"]
    assert "'unsafe-inline'" not in allowed
    assert "'unsafe-eval'" not in allowed
    marks = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
    assert allowed == ["'self'", "blob:", *marks]
    assert len(re.findall(r"<script(?![^>]*\bsrc=)", shell(""))) == len(scripts)
