"""All kinds of experiments, and how one is read that may be of any of them."""

from typing import TypeVar, get_args

from pydantic_core import from_json

from lmc_core.pruning_spec import PruneSpec
from lmc_core.spec import AS_WRITTEN, Experiment, TwinsSpec

AnySpec = TwinsSpec | PruneSpec
"""The spec of any kind of run."""

Spec = TypeVar("Spec", bound=Experiment)

SPECS: dict[str, type[AnySpec]] = {model.model_fields["kind"].default: model for model in get_args(AnySpec)}
"""The specs' models by the kind that each says it is."""


def spec_model(values: object) -> type[AnySpec]:
    """The model of JSON-like values by their `kind`; without one they are twins, as all specs were once."""
    kind = values.get("kind") if isinstance(values, dict) else None
    return SPECS.get(kind, TwinsSpec) if isinstance(kind, str) else TwinsSpec


def read_spec(text: str | bytes) -> AnySpec:
    """The spec that was stored as JSON, of the kind that it says it is, with the run id that it had then.

    Raises:
        ValidationError: it is none.
    """
    try:
        values = from_json(text)
    except ValueError:
        values = None
    return spec_model(values).model_validate_json(text, context=AS_WRITTEN)
