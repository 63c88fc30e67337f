"""What somebody above the community may see of figures about people: the one place that decides.

Pages, API, exports, fragments and live versions all ask here, so that none can show what another
hides: `rule.py` says which columns, `lens.py` to whom, `sheets.py` the same of stored sheets.
"""

from reports.disclosure.lens import (
    Lens,
    adds_up_above,
    audience,
    hide,
    is_above,
    is_over,
    may_see,
    screened,
)
from reports.disclosure.rule import CLOSED, FEWEST, PROTECTED, Sign
from reports.disclosure.sheets import parts_of, screen

__all__ = [
    "CLOSED",
    "FEWEST",
    "PROTECTED",
    "Lens",
    "Sign",
    "adds_up_above",
    "audience",
    "hide",
    "is_above",
    "is_over",
    "may_see",
    "parts_of",
    "screen",
    "screened",
]
