"""Texts that pages show as they stand."""

import ast
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lmc_core.figures.chart_text import chart_text
from lmc_core.settings import REPOSITORY
from lmc_core.ui.plain_text import BREAK, plain


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("epochs is 'zwei'; allowed: 1 to 10,000.", "epochs is 'zwei'; allowed: 1 to 10,000."),
        ("architecture.head_dim is 3", "architecture.head_dim is 3"),
        ("![x](http://h/i.png)", rf"!\[x\](http:{BREAK}//h/i.png)"),
        ("[a](javascript:alert)", rf"\[a\](javascript:{BREAK}alert)"),
        ("<img src=x>", r"\<img src=x\>"),
        (":material/home:", f":{BREAK}material/home:"),
        (":red[x]", rf":{BREAK}red\[x\]"),
        ("$x$ **b** ~~s~~ &lt; a\\b", r"\$x\$ \*\*b\*\* \~\~s\~\~ \&lt; a\\b"),
        ("_x_ __y__ a_b", r"\_x\_ \_\_y\_\_ a_b"),
        ("www.h.org or x@h.org", f"www{BREAK}.h.org or x@{BREAK}h.org"),
        ("a -> b -- c", rf"a -{BREAK}\> b -{BREAK}- c"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("start it with `a -- b`, then go", "start it with `a -- b`, then go"),
        ("a ` ![x](h)", r"a \` !\[x\](h)"),
        ("a\n\n# b", "a # b"),
        ("a\x00b\ud800c\u202ed", "a�b�c�d"),
    ],
)
def test_what_markdown_or_streamlit_would_read_is_made_harmless(text: str, markdown: str) -> None:
    assert plain(text) == markdown


@given(some.text(some.characters(exclude_characters="`"), max_size=60))
def test_a_text_is_shown_as_it_stands(text: str) -> None:
    shown = plain(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>$*~&]", shown)
    letters = "".join("�" if unicodedata.category(letter)[0] == "C" else letter for letter in " ".join(text.split()))
    assert re.sub(r"\\([^\w\s]|_)", r"\1", shown.replace(BREAK, "")) == letters
    assert shown.encode("utf-8", errors="ignore").decode() == shown


def test_a_chart_shows_a_tag_as_a_text() -> None:
    assert chart_text('a<b>c<a href="x">d</a>').replace(BREAK, "") == 'a<b>c<a href="x">d</a>'
    assert not re.search(r"</?[a-z]", chart_text('a<b>c<a href="x">d</a>'))


def test_every_error_and_remark_of_a_page_is_made_plain_or_is_the_programs_own_words() -> None:
    files = [*(REPOSITORY / "lmc_core" / "ui").glob("*.py"), *(REPOSITORY / "pages").glob("*.py")]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    shown = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("error", "info", "exception")]
    assert len(shown) > 10
    rendered = [words for words in shown if not (isinstance(words, ast.Call) and ast.unparse(words.func) == "plain")]
    assert not [
        ast.unparse(words) for words in rendered if any(isinstance(part, ast.Name) for part in ast.walk(words)) and not literal(words)
    ]


def literal(words: ast.expr) -> bool:
    """Whether it is one of several texts that stand in the program."""
    return isinstance(words, ast.IfExp) and all(isinstance(text, ast.Constant) for text in (words.body, words.orelse))
