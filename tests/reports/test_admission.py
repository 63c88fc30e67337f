"""Form admission: proposed, decided by somebody else, asked until its day, and taken out again."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from reports import admission, answers, burden, filing
from reports.admission import TRANSITIONS
from reports.catalogue import BUILDING_REPORT, HOUSEHOLD_REPORT, publish, publish_all
from reports.models import Admission, Filing, FormVersion, ReportForm
from tests import factories as f
from units.models import JournalEntry
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

TODAY = f.WEDNESDAY.date()
State = Admission.State


@pytest.fixture
def people():
    return f.person("杨福明"), f.person("潘德霞")


def refusal(process, *args, **facts) -> Refusal:
    """What a process refuses with; nothing may have been written."""
    before = list(Admission.objects.order_by("pk").values()), FormVersion.objects.count()
    with pytest.raises(Refusal) as caught, transaction.atomic():
        process(*args, **facts)
    after = list(Admission.objects.order_by("pk").values()), FormVersion.objects.count()
    assert after == before
    return caught.value


def propose(by, at=f.WEDNESDAY, **facts):
    return admission.propose(f.proposal(**facts), by=by, at=at)


def agree(row, by, at=f.WEDNESDAY, ends_on=None):
    return admission.agree(row, ends_on=ends_on or row.ends_on, by=by, at=at)


def names(version) -> list[str]:
    return [field["name"] for field in version.definition["fields"]]


def latest(code=BUILDING_REPORT) -> FormVersion:
    return FormVersion.objects.filter(form__code=code).order_by("-number").first()


# --- A life -------------------------------------------------------------------------------


def test_a_field_is_asked_once_agreed_and_stands_before_the_free_sentence(people):
    publish(BUILDING_REPORT, at=f.WEDNESDAY)
    row = propose(people[0])
    assert (row.state, latest().number) == (State.PROPOSED, 1)
    version = agree(row, people[1])
    assert (version.number, names(version)[-2:]) == (2, ["added_1", "note"])
    assert [each.pk for each in admission.in_force(version.form, TODAY)] == [row.pk]
    asked = version.definition["fields"][-2]
    assert asked["label"] == "积水的地方"
    assert [each["label"] for each in asked["choices"]] == ["地下车库", "门前路面", "天井"]


def test_the_sunset_publishes_a_wording_without_it(people):
    row = propose(people[0])
    agree(row, people[1])
    last_day = f.WEDNESDAY + timedelta(days=90)
    publish_all(at=last_day)
    assert "added_1" in names(latest())
    publish_all(at=last_day + timedelta(days=1))
    row.refresh_from_db()
    assert "added_1" not in names(latest())
    assert (row.state, row.state_on(TODAY + timedelta(days=91))) == (State.AGREED, "已到期")


def test_a_field_ends_before_its_day_with_a_reason(people):
    row = propose(people[0])
    agree(row, people[1])
    assert refusal(admission.end, row, reason=" ", by=people[1], at=f.WEDNESDAY).code == (
        "reason_required"
    )
    version = admission.end(row, reason="水泵已装好", by=people[1], at=f.WEDNESDAY)
    assert "added_1" not in names(version)
    row.refresh_from_db()
    assert (row.state, row.reason, row.ended_by) == (State.ENDED, "水泵已装好", people[1])


def test_answers_are_kept_and_read_for_ever_and_feed_no_column(people):
    community = f.compound((1,))
    period = f.open_week()
    row = propose(people[0])
    agree(row, people[1])
    home = f.building(community)
    sent = f.sending(f.seat(home), answers={"added_1": ["c1", "c3"]})
    receipt = filing.file(f.owed(home, period), sent, at=f.WEDNESDAY)
    plain = answers.validate(publish(BUILDING_REPORT, at=f.WEDNESDAY).definition, f.CALM)
    assert receipt.report.waste_good == plain.said["waste_good"] == 1
    admission.end(row, reason="问完了", by=people[1], at=f.WEDNESDAY)
    stored = Filing.objects.select_related("form_version").get(pk=sent.id)
    words = answers.in_words(stored.form_version.definition, stored.answers)
    assert ("积水的地方", "地下车库、天井") in words


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("wanted", [State.AGREED, State.REFUSED, State.WITHDRAWN, State.ENDED])
def test_only_the_declared_transitions_happen(people, state, wanted):
    row = propose(people[0])
    decided = {} if state == State.PROPOSED else {"decided_at": f.WEDNESDAY}
    if state not in (State.PROPOSED, State.WITHDRAWN):
        decided |= {"decided_by": people[1], "reason": "已在问"}
    Admission.objects.filter(pk=row.pk).update(state=state, **decided)
    steps = {
        State.AGREED: lambda: agree(row, people[1]),
        State.REFUSED: lambda: admission.refuse(row, reason="已在问", by=people[1], at=f.WEDNESDAY),
        State.WITHDRAWN: lambda: admission.withdraw(row, by=people[0], at=f.WEDNESDAY),
        State.ENDED: lambda: admission.end(row, reason="问完了", by=people[1], at=f.WEDNESDAY),
    }
    if wanted in TRANSITIONS[state]:
        steps[wanted]()
        row.refresh_from_db()
        assert row.state == wanted
    else:
        told = refusal(steps[wanted])
        assert (told.code, told.status) == ("already_decided", 409)


def test_every_step_is_in_the_journal(people):
    row = propose(people[0])
    agree(row, people[1])
    admission.end(row, reason="问完了", by=people[1], at=f.WEDNESDAY)
    admission.refuse(
        propose(people[0], label="天井棚架", type="text"),
        reason="不必",
        by=people[1],
        at=f.WEDNESDAY,
    )
    admission.withdraw(
        propose(people[0], label="屋顶菜地", type="text"), by=people[0], at=f.WEDNESDAY
    )
    told = list(JournalEntry.objects.order_by("pk").values_list("verb", "user"))
    one, two = people[0].pk, people[1].pk
    assert told == [
        ("admission.proposed", one),
        ("admission.agreed", two),
        ("admission.ended", two),
        ("admission.proposed", one),
        ("admission.refused", two),
        ("admission.proposed", one),
        ("admission.withdrawn", one),
    ]


# --- Who ----------------------------------------------------------------------------------


def test_nobody_decides_about_their_own(people):
    row = propose(people[0])
    for process, facts in (
        (admission.agree, {"ends_on": row.ends_on}),
        (admission.refuse, {"reason": "不必"}),
    ):
        told = refusal(process, row, by=people[0], at=f.WEDNESDAY, **facts)
        assert (told.code, told.status) == ("own_proposal", 403)
    decided = {"state": "agreed", "decided_by": people[0], "decided_at": f.WEDNESDAY}
    with pytest.raises(IntegrityError, match="nobody_admits_their_own"), transaction.atomic():
        Admission.objects.filter(pk=row.pk).update(**decided)


def test_only_its_proposer_withdraws(people):
    row = propose(people[0])
    assert refusal(admission.withdraw, row, by=people[1], at=f.WEDNESDAY).code == "not_your_duty"


def test_an_officer_of_one_street_does_not_decide_for_another():
    here, there = f.street("310104007"), f.street("310104008", "另一街道")
    f.compound((1,), division=here)
    officer = f.post(f.Duty.STREET_OFFICER, division=here).user
    assert admission.may_decide(officer)
    f.compound((1,), division=there)
    assert not admission.may_decide(officer)
    assert not admission.may_decide(f.person())


# --- How long -----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 366, 4000])
def test_a_field_ends_within_twelve_months_and_not_before_it_starts(people, days):
    ends_on = TODAY + timedelta(days=days)
    told = refusal(propose, people[0], ends_on=ends_on)
    assert (told.code, list(told.fields)) == ("bad_day", ["ends_on"])
    row = propose(people[0])
    assert refusal(agree, row, people[1], ends_on=ends_on).code == "bad_day"
    with pytest.raises(IntegrityError, match="within_twelve_months"), transaction.atomic():
        Admission.objects.filter(pk=row.pk).update(ends_on=ends_on)


def test_the_street_may_shorten_and_the_day_counts_from_its_decision(people):
    row = propose(people[0])
    later = f.WEDNESDAY + timedelta(days=20)
    agree(row, people[1], at=later, ends_on=later.date() + timedelta(days=365))
    row.refresh_from_db()
    assert (row.starts_on, row.ends_on) == (later.date(), later.date() + timedelta(days=365))


def test_an_extension_keeps_its_name_and_follows_without_a_gap(people):
    row = propose(people[0])
    agree(row, people[1])
    version = latest()
    row.refresh_from_db()
    ends_on = row.ends_on + timedelta(days=300)
    more = propose(people[0], extends=row, ends_on=ends_on)
    assert refusal(propose, people[0], extends=row, ends_on=ends_on).code == "not_extendable"
    agree(more, people[1])
    more.refresh_from_db()
    assert (more.name, more.starts_on) == (row.name, row.ends_on + timedelta(days=1))
    for days in (0, 90, 91, 300):
        publish_all(at=f.WEDNESDAY + timedelta(days=days))
    # The wording never changed, so no phone has to open the form anew.
    assert latest() == version


def test_a_field_is_not_asked_twice_at_once_whoever_writes_it(people):
    row = propose(people[0])
    agree(row, people[1])
    row.refresh_from_db()
    row.pk, row.extends_id = None, row.pk
    with pytest.raises(IntegrityError, match="a_field_is_asked_once"), transaction.atomic():
        row.save(force_insert=True)


# --- How much -----------------------------------------------------------------------------


def test_a_form_takes_no_more_taps_than_are_allowed(people):
    for number in range(burden.MOST_TAPS - 8):
        f.admitted(label=f"第{number}项{'甲乙丙丁'[number]}", required=True, difference="不同")
    assert burden.taps(latest().definition) == burden.MOST_TAPS
    one_more = propose(people[0], label="井盖松动", type="text", required=True)
    assert refusal(agree, one_more, people[1]).code == "too_many_fields"
    admission.end(
        Admission.objects.order_by("pk").first(), reason="问完了", by=people[1], at=f.WEDNESDAY
    )
    agree(one_more, people[1])
    assert burden.taps(latest().definition) == burden.MOST_TAPS


def test_too_many_taps_are_refused_by_themselves(people, monkeypatch):
    monkeypatch.setattr(burden, "MOST_TAPS", 8)
    told = refusal(agree, propose(people[0], required=True), people[1])
    assert (told.code, told.status) == ("too_many_taps", 409)
    agree(propose(people[0], label="天井棚架", type="text"), people[1])


def test_what_is_asked_counts_taps_for_each_person_and_week():
    f.compound((1,))
    publish_all(at=f.WEDNESDAY)
    f.admitted(required=True)
    parts = {part.form.code: part for part in burden.parts(TODAY)}
    building = parts[BUILDING_REPORT]
    assert (building.taps, building.added, str(building.taps_a_week)) == (9, 1, "3.0")
    assert (parts[HOUSEHOLD_REPORT].taps, parts[HOUSEHOLD_REPORT].taps_a_week) == (2, None)
    row = next(row for row in building.rows if row.admission)
    assert (row.purpose, row.owner, row.since) == ("梅雨季前排好抽水泵", "居委会环境条线", TODAY)


# --- What may be asked --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "\u202e\u200b"}, "label"),
        ({"label": "问" * 31}, "label"),
        ({"label": "问" * 10_000}, "label"),
        ({"label": "31010419490307002 9 在不在"}, "label"),
        ({"label": "打13800138000问"}, "label"),
        ({"label": "户主的身 份 证"}, "label"),
        ({"label": "手\u200b机号"}, "label"),
        ({"hint": "写上姓名"}, "hint"),
        ({"choices": ["信教", "宗教"]}, "choices"),
        ({"choices": ["只有一个"]}, "choices"),
        ({"choices": [str(n) for n in range(11)]}, "choices"),
        ({"choices": ["车库", "车 库"]}, "choices"),
        ({"choices": ["长" * 21, "短"]}, "choices"),
        ({"type": "photo"}, "type"),
        ({"type": "number", "most": 10_000}, "most"),
        ({"type": "number", "most": 0}, "most"),
        ({"form": "community_report"}, "form"),
        ({"form": "../../settings"}, "form"),
        ({"form": HOUSEHOLD_REPORT, "type": "floors"}, "type"),
        ({"form": HOUSEHOLD_REPORT, "required": True}, "required"),
        ({"relevant": {"corridor": ["nowhere"]}}, "relevant"),
        ({"relevant": {"situation": ["same"]}}, "relevant"),
        ({"relevant": {"corridor": []}}, "relevant"),
        ({"purpose": " "}, "purpose"),
        ({"purpose": "为" * 201}, "purpose"),
        ({"owner": ""}, "owner"),
    ],
)
def test_what_must_not_be_asked_is_refused_beside_its_field(people, facts, field):
    told = refusal(propose, people[0], **facts)
    assert list(told.fields) == [field]
    assert told.status == 422


def test_a_hint_may_say_what_not_to_write(people):
    assert propose(people[0], hint="可不写。不写姓名、电话和身份证号").hint


def test_all_that_is_wrong_is_told_at_once(people):
    told = refusal(propose, people[0], label="", owner="", choices=[], ends_on=date(2020, 1, 1))
    assert (told.code, set(told.fields)) == (
        "invalid_proposal",
        {"label", "owner", "choices", "ends_on"},
    )


def test_a_label_is_kept_in_one_visible_line(people):
    row = propose(people[0], label="  积水\u202e的\n地方\x00 ", choices=["车库\u200b", "", "天井"])
    assert (row.label, row.choices) == ("积水的 地方", ["车库", "天井"])


def test_a_household_form_is_still_answered_by_one_tap(people):
    publish_all(at=f.WEDNESDAY)
    facts = {"form": HOUSEHOLD_REPORT, "required": True, "relevant": {"changes": ["hazard"]}}
    version = agree(propose(people[0], **facts), people[1])
    answers.validate(version.definition, {"situation": "same"})
    with pytest.raises(Refusal, match="required"):
        answers.validate(
            version.definition,
            {"situation": "changed", "changes": ["hazard"], "source": "visit", "urgency": "later"},
        )


@pytest.mark.parametrize(
    ("facts", "sent", "kept", "words"),
    [
        ({"type": "choice"}, "c2", "c2", "门前路面"),
        ({"type": "choices"}, ["c3", "c1"], ["c1", "c3"], "地下车库、天井"),
        ({"type": "number", "unit": "处", "most": 9}, "３ 处", 3, "3处"),
        ({"type": "number", "unit": ""}, "0", 0, "0"),
        ({"type": "floors"}, "2楼", [2], "2楼"),
        ({"type": "text"}, " 天井里 ", "天井里", "天井里"),
    ],
)
def test_every_type_is_answered_and_read(people, facts, sent, kept, words):
    definition = agree(propose(people[0], **facts), people[1]).definition
    said = answers.validate(definition, f.CALM | {"added_1": sent}).answers
    assert said["added_1"] == kept
    assert ("积水的地方", words) in answers.in_words(definition, said)


def test_a_number_is_no_more_than_its_most(people):
    version = agree(propose(people[0], type="number", unit="处", most=9), people[1])
    with pytest.raises(Refusal, match="too_many"):
        answers.validate(version.definition, f.CALM | {"added_1": "10"})


# --- What is asked already ----------------------------------------------------------------


def test_a_repetition_is_refused_with_a_pointer_and_goes_on_with_a_reason(people):
    told = refusal(propose, people[0], label="楼道有没有堆物")
    assert (told.code, list(told.fields)) == ("duplicate_field", ["difference"])
    assert next(each.asked.anchor for each in told.more["duplicates"]) == "building_report-corridor"
    assert "《楼组周报》已经在问“楼道堆物”" in str(told.message)
    row = propose(people[0], label="楼道有没有堆物", difference="只问防火门前一米")
    agree(row, people[1])
    assert burden.repeating(burden.parts(TODAY)) == 1


def test_what_is_only_proposed_is_found_too_and_what_was_refused_is_not(people):
    row = propose(people[0])
    assert refusal(propose, people[1]).more["duplicates"][0].asked.is_proposed
    admission.refuse(row, reason="不必", by=people[1], at=f.WEDNESDAY)
    propose(people[0])


def test_two_at_once_make_one_wording(people):
    publish_all(at=f.WEDNESDAY)
    agree(propose(people[0]), people[1])
    before = FormVersion.objects.count()
    publish_all(at=f.WEDNESDAY)
    assert FormVersion.objects.count() == before
    assert ReportForm.objects.get(code=BUILDING_REPORT).latest() == latest()
