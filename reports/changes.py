"""What is different between two sendings, in old and new words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports import answers
from reports.models import Filing


@dataclass(frozen=True)
class Change:
    """One field in words, before and now; an empty word when it was not answered."""

    label: str
    before: str
    now: str


def words_of(filing: Filing) -> list[tuple[str, str]]:
    """(label, answer) pairs; a nil report is one of them."""
    if filing.withdraws:
        return [(_("报告"), _("撤回"))]
    if filing.nil:
        return [(_("报告"), _("平安无事"))]
    return answers.in_words(filing.form_version.definition, filing.answers)


def between(before: Filing, now: Filing) -> list[Change]:
    """The fields whose words differ, in the order of the form."""
    old, new = dict(words_of(before)), dict(words_of(now))
    return [
        Change(label, old.get(label, ""), new.get(label, ""))
        for label in dict.fromkeys([*new, *old])
        if old.get(label) != new.get(label)
    ]
