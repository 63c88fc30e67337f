"""Form admission: proposing a field, deciding about it, taking it out again.

The street decides what may be asked of the grass roots. A field agreed on is asked from that day in
every community of this database, and its form is published anew at once; on the day after its last
one the clock takes it out (`catalogue.publish`). Why so: docs/decisions/0015.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import burden, catalogue, duplicates
from reports.models import Admission, FormVersion, ReportForm
from reports.proposals import Proposal, clean_text, drafted, problem, refuse_days, starts_on, worded
from units import journal, scope
from units.models import Community, User
from units.refusals import Refusal, forbidden
from units.scope import Action

State = Admission.State

# What may follow what. Nothing else does.
TRANSITIONS: Mapping[State, Sequence[State]] = {
    State.PROPOSED: (State.AGREED, State.REFUSED, State.WITHDRAWN),
    State.AGREED: (State.ENDED,),
    State.REFUSED: (),
    State.WITHDRAWN: (),
    State.ENDED: (),
}


def in_force(form: ReportForm, day: date) -> list[Admission]:
    """The admitted fields of `form` that are asked on `day`, in their order."""
    return list(form.admissions.in_force(day).order_by("number"))


def may_propose(user: User) -> bool:
    return bool(scope.reach(user, Action.PROPOSE_FORM))


def may_decide(user: User) -> bool:
    """Whether `user` answers for every community that would be asked."""
    reach = scope.reach(user, Action.ADMIT_FORM)
    outside = Community.objects.exclude(division__in=reach.divisions)
    return bool(reach) and not outside.exists()


def require_proposing(user: User) -> None:
    if not may_propose(user):
        raise forbidden()


def require_deciding(user: User) -> None:
    """Raises the 403 refusal; a field is asked everywhere, so part of everywhere is not enough."""
    if not scope.reach(user, Action.ADMIT_FORM):
        raise forbidden()
    if not may_decide(user):
        raise forbidden(_("这里还有别的街道的居民区，要由管到全部居民区的上级来决定"))


@transaction.atomic
def propose(proposal: Proposal, *, by: User, at: datetime) -> Admission:
    """Put a field before the street.

    Raises Refusal `invalid_proposal` with a sentence a field (or the one problem's own code),
    `duplicate_field` (with the `duplicates`) unless it says how it differs, `not_extendable` (409).
    """
    today = timezone.localdate(at)
    admission = drafted(proposal, at=at)
    catalogue.publish(proposal.form, at=at)
    # Two proposals for a form come one after the other, so that the second sees the first.
    form = ReportForm.objects.select_for_update(no_key=True).get(code=proposal.form)
    admission.form, admission.proposed_by = form, by
    if proposal.extends:
        _refuse_to_extend(proposal.extends, form, today)
        admission.number = proposal.extends.number
    else:
        last = form.admissions.aggregate(last=Max("number"))["last"] or 0
        admission.number = last + 1
    if not admission.difference:
        found = repeated(admission, today)
        if found:
            raise _repeats(found)
    admission.save(force_insert=True)
    journal.note("admission.proposed", user=by, at=at, admission=admission.pk)
    return admission


@transaction.atomic
def agree(admission: Admission, *, ends_on: date, by: User, at: datetime) -> FormVersion:
    """Ask it from today (an extension: from the day after) to `ends_on`; returns the wording.

    Raises Refusal `already_decided` (409), `own_proposal` (403), `bad_day`, `too_many_taps`.
    """
    locked = _locked(admission, State.AGREED)
    today = timezone.localdate(at)
    _refuse_own(locked, by)
    locked.starts_on = starts_on(locked.extends, today)
    refuse_days(locked.starts_on, ends_on, "ends_on")
    if not locked.extends or locked.starts_on == today:
        _refuse_too_much(locked, today)
    locked.state, locked.ends_on = State.AGREED, ends_on
    locked.decided_by, locked.decided_at = by, at
    locked.save(update_fields=["state", "starts_on", "ends_on", "decided_by", "decided_at"])
    journal.note(
        "admission.agreed", user=by, at=at, admission=locked.pk, ends_on=ends_on.isoformat()
    )
    return catalogue.publish(locked.form.code, at=at)


@transaction.atomic
def refuse(admission: Admission, *, reason: str, by: User, at: datetime) -> None:
    """Raises Refusal `already_decided` (409), `own_proposal` (403), `reason_required`."""
    reason = _reason(reason)
    locked = _locked(admission, State.REFUSED)
    _refuse_own(locked, by)
    _decide(locked, State.REFUSED, by, at, reason)
    journal.note("admission.refused", user=by, at=at, admission=locked.pk, reason=reason)


@transaction.atomic
def withdraw(admission: Admission, *, by: User, at: datetime) -> None:
    """Its proposer takes it back. Raises Refusal `already_decided` (409), `not_your_duty` (403)."""
    locked = _locked(admission, State.WITHDRAWN)
    if locked.proposed_by_id != by.pk:
        raise forbidden(_("这一项由提出的人撤回"))
    _decide(locked, State.WITHDRAWN, by, at, "")
    journal.note("admission.withdrawn", user=by, at=at, admission=locked.pk)


@transaction.atomic
def end(admission: Admission, *, reason: str, by: User, at: datetime) -> FormVersion:
    """Ask it no more, before its last day.

    Raises Refusal `already_decided` (409), `reason_required`.
    """
    reason = _reason(reason)
    locked = _locked(admission, State.ENDED)
    if locked.is_over(timezone.localdate(at)):
        raise Refusal("already_decided", _("这一项已经到期，不用再停用"), 409)
    locked.state, locked.reason = State.ENDED, reason
    locked.ended_by, locked.ended_at = by, at
    locked.save(update_fields=["state", "reason", "ended_by", "ended_at"])
    journal.note("admission.ended", user=by, at=at, admission=locked.pk, reason=reason)
    return catalogue.publish(locked.form.code, at=at)


def repeated(
    admission: Admission, day: date, *, asked: Sequence[burden.Asked] | None = None
) -> list[duplicates.Duplicate]:
    """What is asked already, or proposed, that `admission` would ask again.

    `asked` is `burden.asked(day)`, for who looks at several.
    """
    return duplicates.find(
        admission.label,
        admission.choices,
        burden.asked(day) if asked is None else asked,
        besides=(admission.form.code, admission.name),
        follows=[(admission.form.code, name) for name in admission.relevant],
    )


def _refuse_to_extend(before: Admission, form: ReportForm, today: date) -> None:
    if before.form_id != form.pk or before.state not in (State.AGREED, State.ENDED):
        raise Refusal("not_extendable", _("这一项不能延续，请作为新的一项提出"), 409)
    if form.admissions.to_come(today).filter(number=before.number).exclude(pk=before.pk).exists():
        raise Refusal("not_extendable", _("这一项已经有人提出延续，请等街道决定"), 409)


def _refuse_too_much(admission: Admission, today: date) -> None:
    others = [each for each in in_force(admission.form, today) if each.number != admission.number]
    if len(others) >= burden.MOST_ADDED:
        message = _("这张表已经加了%d项，请先停用一项再同意") % len(others)
        raise Refusal("too_many_fields", message, 409)
    taps = burden.taps(worded(admission.form.code, admission, today))
    if taps > burden.MOST_TAPS:
        told = {"taps": taps, "most": burden.MOST_TAPS}
        message = _(
            "同意以后这张表要点%(taps)d下，最多%(most)d下。请先停用一项，或请提出的人改成可不答"
        )
        raise Refusal("too_many_taps", message % told, 409)


def _refuse_own(admission: Admission, by: User) -> None:
    if admission.proposed_by_id == by.pk:
        raise Refusal("own_proposal", _("自己提出的，要由别人决定"), 403)


def _locked(admission: Admission, wanted: State) -> Admission:
    """The form's row, then the proposal's: decisions about a form come one after the other."""
    ReportForm.objects.select_for_update(no_key=True).get(pk=admission.form_id)
    locked = (
        Admission.objects.select_for_update(of=("self",))
        .select_related("form", "extends")
        .get(pk=admission.pk)
    )
    if wanted not in TRANSITIONS[State(locked.state)]:
        message = _("这一项已经是“%s”，请刷新后再看一眼") % locked.get_state_display()
        raise Refusal("already_decided", message, 409)
    return locked


def _decide(admission: Admission, state: State, by: User, at: datetime, reason: str) -> None:
    admission.state, admission.reason = state, reason
    admission.decided_by, admission.decided_at = by, at
    admission.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _reason(text: str) -> str:
    reason = clean_text(text, "reason", 200)
    if not reason:
        raise problem("reason", "reason_required", _("请写明理由"))
    return reason


def _repeats(found: Sequence[duplicates.Duplicate]) -> Refusal:
    first = found[0]
    told = {"form": first.asked.form_name, "label": first.asked.label}
    message = _(
        "《%(form)s》已经在问“%(label)s”，同一材料最多报一次。确实不同，请写明不同在哪里再提出"
    )
    fields = {"difference": message % told}
    return Refusal("duplicate_field", message % told, 422, fields, duplicates=list(found))
