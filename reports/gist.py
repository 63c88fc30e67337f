"""One line of what a report says: what asks somebody to look, and the sentence that was written."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from reports import answers
from reports.models import Filing, FormVersion, Report
from reports.models.report import EYES

# What says that something is asked for; of a household's report all but how it was learnt.
_ASKS = {*EYES, "disputes"}
_NOT_TOLD = ("source", "situation", "consent", "note")
# Answers of a block's report that say that all is well.
_CALM = ("calm", "none", "right", ["none"])


def last_filings(reports: Sequence[Report]) -> dict[int, Filing]:
    """The last sending of each, with its form's version; two queries however many."""
    found = list(
        Filing.objects.filter(report__in=[each.pk for each in reports], rev=F("report__rev"))
    )
    versions = FormVersion.objects.in_bulk({each.form_version_id for each in found})
    for each in found:
        each.form_version = versions[each.form_version_id]
    return {each.report_id: each for each in found}


def gist(filing: Filing) -> str:
    """「楼道堆物：有，待清，2楼；“三楼旧沙发”」; of a calm one 「平安无事」."""
    if filing.nil:
        return _("平安无事")
    definition, said = filing.form_version.definition, filing.answers
    if definition["place_kind"] == "community":
        return str(definition["name"])
    told = [field for field in definition["fields"] if _is_told(field, definition, said)]
    spoken = dict(answers.in_words({"fields": told}, said))
    parts: list[str] = []
    for field in told:
        words = spoken.get(field["label"])
        if words and field.get("relevant") and parts and field["type"] != "number":
            parts[-1] += f"，{words}"
        elif words:
            # 「需要帮助」 at a door says what it is about.
            is_plain = definition["place_kind"] == "household" and field["type"] == "choices"
            parts.append(words if is_plain else f"{field['label']}：{words}")
    note = said.get("note")
    return "；".join([*parts, *([f"“{note}”"] if note else [])]) or _("没有情况")


def _is_told(field: Mapping[str, Any], definition: Any, said: Mapping[str, Any]) -> bool:
    chosen = said.get(field["name"])
    if field["name"] in _NOT_TOLD or chosen in (None, "", []):
        return False
    if definition["place_kind"] == "household":
        return True
    if definition["place_kind"] == "block":
        return chosen not in _CALM
    above = field.get("relevant", {})
    return _asks(field, said) or any(
        _asks(other, said) for other in definition["fields"] if other["name"] in above
    )


def _asks(field: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    chosen = said.get(field["name"])
    feeds = {
        each
        for choice in field.get("choices", ())
        if choice["value"] == chosen
        for each in choice.get("feeds", ())
    }
    return bool(feeds & _ASKS) and "mediated" not in feeds
