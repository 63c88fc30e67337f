"""Reading the API's JSON: nothing gets in that the database could not keep."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

# A batch's answer to one field is five deep.
DEEPEST = 20


class JSONParser(parsers.JSONParser):
    """Characters that PostgreSQL refuses go, as free text loses them; nesting has a bottom."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return _storable(super().parse(stream, media_type, parser_context), DEEPEST)
        except RecursionError as error:
            raise ParseError from error


def _storable(value: Any, deepest: int) -> Any:
    """`value` without NUL and halves of surrogate pairs, which JSON can bring."""
    if deepest < 0:
        raise ParseError
    if isinstance(value, str):
        return value.encode(errors="ignore").decode().replace("\x00", "")
    if isinstance(value, list):
        return [_storable(each, deepest - 1) for each in value]
    if isinstance(value, dict):
        return {
            _storable(name, deepest): _storable(each, deepest - 1) for name, each in value.items()
        }
    return value
