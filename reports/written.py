"""What was written on a form, for reading: its sentences with the figures in them."""

from collections.abc import Mapping

from reports import answers, sentences
from reports.answers import Definition
from reports.measures import Figure
from reports.sentences import Piece


def sections_of(
    definition: Definition, said: Mapping[str, object], figures: Mapping[str, Figure]
) -> list[tuple[str, list[Piece]]]:
    """(label, pieces) in the order of the form; figures by the code of their measure."""
    with_figures = {field["label"] for field in definition["fields"] if field.get("figures")}
    return [
        (label, sentences.rendered(text, figures) if label in with_figures else [Piece(text)])
        for label, text in answers.in_words(definition, said)
    ]
