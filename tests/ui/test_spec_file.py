import pytest

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import text_of
from lmc_core.studies.presets import PRESETS
from lmc_core.ui.spec_file import read_spec


def test_a_saved_spec_is_read_back() -> None:
    for preset in PRESETS.values():
        assert read_spec(preset.spec.model_dump_json()) == preset.spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epochs: 20", "This is not JSON (line 1: expecting value)"),
        ("{\n'a': 1}", "This is not JSON (line 2: "),
        ("", "This is not JSON"),
        ("[1, 2]", "A spec is a JSON object"),
        ('{"epochs": "many"}', "epochs is 'many'"),
        ('{"epoch": 3}', "There is no field epoch"),
        ("[" * 19_000, "nested too deeply"),
        ('{"epochs": ' + "9" * 5000 + "}", "thousands of digits"),
        ("x" * 30_000, "this text has 30,000 characters"),
        ('{"epochs": NaN}', "epochs is nan"),
    ],
)
def test_a_text_that_is_no_spec_gets_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(LMCError) as caught:
        read_spec(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_an_editor_gave_it(encoding: str) -> None:
    spec = TwinsSpec(epochs=7)
    assert read_spec(text_of(spec.model_dump_json().encode(encoding))) == spec


def test_what_is_no_text_is_no_spec() -> None:
    with pytest.raises(LMCError, match="not JSON"):
        read_spec(text_of(b"\xff\xfe\x00\xd8{"))
