"""Reading what was typed at the stairwell, and the signed token that stands in for a cookie."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.core import signing
from django.utils.translation import gettext as _

from governance.voices.models import Doorplate
from governance.voices.saying import Saying
from reports.free_text import one_line
from units.refusals import Refusal

_SALT = "voices.form"
# Nobody is hurried: a page left open for a week still sends.
_LASTS = 7 * 24 * 3600
# People do not see this field; what fills in every field does.
HONEY = "homepage"


def sign(doorplate: Doorplate) -> str:
    """A token for one opening of the page: no account and no cookie, so nothing else to forge."""
    return signing.dumps([doorplate.pk, str(uuid4())], salt=_SALT)


def form_id(post: Mapping[str, str], doorplate: Doorplate) -> UUID:
    """Raises Refusal `form_expired` for a token too old, of another building, or not ours."""
    try:
        pk, id_ = signing.loads(post.get("form", ""), salt=_SALT, max_age=_LASTS)
        if pk == doorplate.pk:
            return UUID(id_)
    except (signing.BadSignature, ValueError, TypeError):
        pass
    message = _("这页打开太久了。您写的还在下面，请再按一次提交")
    raise Refusal("form_expired", message, 403)


def read(post: Mapping[str, str], *, id_: UUID) -> Saying:
    """Raises Refusal `honey` when the field that people do not see was filled in."""
    if post.get(HONEY):
        raise Refusal("honey", _("有一格不用填的被填上了，已经清空。请再按一次提交"), 422)
    return Saying(
        form_id=id_,
        about=post.get("about", ""),
        words=one_line(post.get("words", "")),
        shown_to_group=post.get("shown_to") == "group",
        wants_contact=post.get("contact") == "yes",
    )
