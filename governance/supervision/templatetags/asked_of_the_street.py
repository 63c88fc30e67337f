"""On the page of a block or community report: what it asked for, and what became of that.

A tag rather than a view: the page is of `reports`, which knows nothing of this room.
"""

from typing import Any

from django import template

from governance.supervision.models import SupportAsk
from governance.supervision.pages import with_issues
from reports.models import Obligation
from units.models import User

register = template.Library()


@register.inclusion_tag("supervision/_asked.html")
def asked_of_the_street(user: User, obligation: Obligation) -> dict[str, Any]:
    """For who reads the report from within its community; nothing for anybody else."""
    found = SupportAsk.objects.asked_by(user).filter(report__obligation=obligation)
    return {"asks": with_issues(list(found.with_answer().select_related("place", "held_by")))}
