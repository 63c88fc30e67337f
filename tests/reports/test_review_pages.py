"""The reviewer's desk as pages: what is on top, one press for the rest, ten seconds of undo."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports import calendar, filing, obligations, review
from reports.catalogue import publish_all
from reports.models import Decision, Filing, Obligation, Report, Summary
from tests import factories as f
from units.kinds import Duty

pytestmark = pytest.mark.django_db
HAZARD = {"corridor": "uncleared"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def community():
    made = f.compound((3, 1))
    publish_all(at=timezone.now())
    return made


@pytest.fixture
def staff(community):
    return f.staff(community)


def filed(community, number, *, by=None, **facts):
    period = f.open_week(timezone.now())
    owed = f.owed(f.building(community, number), period)
    return filing.file(owed, f.sending(by or f.person(), **facts), at=timezone.now()).report


def amended(report, **facts):
    report = Report.objects.get(pk=report.pk)
    sent = f.sending(f.person(), base_rev=report.rev, **facts)
    return filing.file(report.obligation, sent, at=timezone.now()).report


def url(name, community, **more):
    return reverse(name, kwargs={"code": community.code, **more})


def page(user, community, **query):
    return client_of(user).get(url("review-queue", community), query)


def press(user, community, report, *, door="acceptance", **more):
    body = {"report": queue_key(report), "batch": str(uuid4()), **more}
    return client_of(user).post(url(f"review-{door}", community), body, follow=True)


def queue_key(report):
    return f"{report.pk}.{report.rev}.{report.review}"


def undo_url(answer):
    [found] = [part for part in answer.content.decode().split('"') if "/undoing/" in part]
    return found


def on_top(answer):
    return [(item.report.place.name, item.tags) for item in answer.context["items"]]


def test_what_asks_for_eyes_is_on_top_and_the_rest_is_one_press(community, staff):
    filed(community, 1, answers=HAZARD)
    filed(community, 2)
    filed(community, 3, answers={"note": "三楼扶手好用"})
    answer = page(staff, community)
    text = answer.content.decode()
    assert on_top(answer) == [("1号楼组", ["有情况"])]
    assert "其余2份通过" in text
    assert "三楼扶手好用" in text
    assert "有，待清" in text


def test_disputed_figures_corrections_and_changes_are_on_top(community, staff):
    filed(community, 1, answers={"derived_ok": "wrong"})
    returned, accepted = filed(community, 2), filed(community, 3)
    review.return_(returned, reason="请写在几楼", by=staff, at=timezone.now())
    review.accept(accepted, by=staff, at=timezone.now())
    amended(returned, answers={"waste": "fair"})
    amended(accepted, answers={"stock": "tight"})
    answer = page(staff, community)
    assert on_top(answer) == [
        ("1号楼组", ["数字有出入", "有情况"]),
        ("2号楼组", ["退回后已改"]),
        ("3号楼组", ["通过后又改", "有情况"]),
    ]
    text = answer.content.decode()
    assert "请写在几楼" in text
    assert "<del>平安无事</del>" in text
    assert "<ins>紧张</ins>" in text


def test_the_rest_is_accepted_and_taken_back_within_ten_seconds(community, staff):
    reports = [filed(community, n) for n in (1, 2, 3)]
    client = client_of(staff)
    rest = client.get(url("review-queue", community)).context["rest"]
    body = {"report": rest.keys, "batch": str(uuid4())}
    answer = client.post(url("review-acceptance", community), body, follow=True)
    assert "已通过3份" in answer.content.decode()
    assert set(Report.objects.values_list("review", flat=True)) == {"accepted"}
    answer = client.post(undo_url(answer), follow=True)
    assert "已撤销3份" in answer.content.decode()
    assert set(Report.objects.values_list("review", flat=True)) == {"waiting"}
    assert Decision.objects.count() == 2 * len(reports)


def test_a_press_sent_twice_decides_once_and_shows_the_same(community, staff):
    filed(community, 1)
    filed(community, 2)
    client = client_of(staff)
    keys = client.get(url("review-queue", community)).context["rest"].keys
    body = {"report": keys, "batch": str(uuid4())}
    answers = [
        client.post(url("review-acceptance", community), body, follow=True) for _press in range(2)
    ]
    assert all("已通过2份" in answer.content.decode() for answer in answers)
    assert "没有动" not in answers[1].content.decode()
    assert Decision.objects.count() == 2


def test_undo_after_ten_seconds_is_refused_and_not_offered(community, staff):
    report = filed(community, 1)
    long_ago = timezone.now() - timedelta(seconds=11)
    batch = review.accept(report, by=staff, at=long_ago).batch
    client = client_of(staff)
    shown = client.get(url("review-queue", community), {"done": str(batch)}).content.decode()
    assert "已通过1份" in shown
    assert "/undoing/" not in shown
    answer = client.post(url("review-undoing", community, batch=batch))
    assert answer.status_code == 409
    assert "已过十秒" in answer.content.decode()
    assert Report.objects.get().review == "accepted"


def test_a_refused_return_keeps_what_was_typed_beside_the_report(community, staff):
    report = filed(community, 1, answers=HAZARD)
    answer = press(staff, community, report, door="returning", reason="请打13912345678")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="请打13912345678"' in text
    assert "请不要把手机号写在说明里" in text
    assert Report.objects.get().review == "waiting"


def test_what_was_typed_is_shown_when_the_report_is_gone_from_the_page(community, staff):
    report = filed(community, 1, answers=HAZARD)
    review.accept(report, by=f.staff(community), at=timezone.now())
    answer = press(staff, community, report, door="returning", reason="请写明在三楼哪里")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "周兰英已在" in text
    assert "定为“通过”" in text
    assert "请写明在三楼哪里" in text


def test_a_report_amended_since_is_told_in_a_sentence(community, staff):
    seen = filed(community, 1)
    amended(seen, answers=HAZARD)
    answer = press(staff, community, seen)
    assert answer.status_code == 409
    assert "刚才改过，请看一下再定" in answer.content.decode()
    assert on_top(answer) == [("1号楼组", ["有情况"])]


def test_own_reports_are_left_for_a_colleague(community, staff):
    own = filed(community, 1, by=staff, channel=Filing.Channel.TELEPHONE, caller="周兰英")
    filed(community, 2, by=staff, answers=HAZARD)
    answer = page(staff, community)
    assert answer.context["rest"].keys == ""
    assert "另有1份是您报的或代报的" in answer.content.decode()
    assert [item.is_own for item in answer.context["items"]] == [True]
    assert press(staff, community, own).status_code == 403
    assert press(f.staff(community), community, own).status_code == 200
    assert Report.objects.get(pk=own.pk).review == "accepted"


@pytest.mark.parametrize("door", ["acceptance", "returning"])
def test_reports_out_of_reach_are_not_found(community, door):
    other = f.compound((1,))
    f.open_week(timezone.now())
    theirs = filed(other, 1)
    fourth = filed(community, 4)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    staff = f.staff(community)
    for user, report in ((staff, theirs), (worker, fourth), (worker, theirs)):
        assert press(user, community, report, door=door, reason="请写楼层").status_code == 404
        assert press(user, other, report, door=door, reason="请写楼层").status_code == 404
    assert not Decision.objects.exists()


def test_a_seat_reviews_nothing_not_even_its_neighbours(community):
    seat = f.seat(f.building(community, 1))
    mine, theirs = filed(community, 1, by=seat), filed(community, 2)
    for report in (mine, theirs):
        for door in ("acceptance", "returning"):
            answer = press(seat, community, report, door=door, reason="请写楼层")
            assert answer.status_code == 403
    assert page(seat, community).status_code == 403
    assert not Decision.objects.exists()


def test_a_colleague_cannot_undo_anothers_press(community, staff):
    batch = review.accept(filed(community, 1), by=staff, at=timezone.now()).batch
    other = client_of(f.staff(community))
    assert other.post(url("review-undoing", community, batch=batch)).status_code == 404
    assert (
        "已通过"
        not in other.get(url("review-queue", community), {"done": str(batch)}).content.decode()
    )
    assert Report.objects.get().review == "accepted"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"report": "x", "batch": str(uuid4())},
        {"report": "1.1.lost", "batch": str(uuid4())},
        {"report": "9" * 30 + ".1", "batch": str(uuid4())},
        {"report": "1.1", "batch": "x"},
        {"report": "²." + "1", "batch": str(uuid4())},
    ],
)
def test_a_broken_press_is_told_so(community, staff, body):
    for door in ("acceptance", "returning"):
        answer = client_of(staff).post(url(f"review-{door}", community), body)
        assert answer.status_code in (400, 404)


def test_filters_narrow_what_is_shown_and_what_one_press_takes(community, staff):
    filed(community, 1)
    filed(community, 4)
    answer = page(staff, community, block=f.block(community, 2).code)
    assert [each.report.place.name for each in answer.context["rest"].calm] == ["4号楼组"]
    assert page(staff, community, form="block").context["rest"].calm == []
    assert page(staff, community, week="2020-W01", block="\x00").context["rest"].calm == []


def test_a_worker_sees_the_own_block_only_and_never_its_report(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    filed(community, 1)
    filed(community, 4)
    rest = page(worker, community).context["rest"]
    assert [each.report.place.name for each in rest.calm] == ["1号楼组"]


# --- Blocks and communities -------------------------------------------------------------


BLOCK = {
    "derived_ok": "right",
    "top_issues": ["none"],
    "action_taken": "none",
    "assessment": "calm",
    "support_needed": "none",
}


def block_filed(community, number=1, **answers):
    at = timezone.now()
    week = f.open_week(at)
    owed = Obligation.objects.select_related("place", "period", "form").get(
        place=f.block(community, number), period=week
    )
    sent = filing.Sending(
        id=uuid4(), by=f.person(), channel=Filing.Channel.PAGE, answers=BLOCK | answers
    )
    return filing.file(owed, sent, at=owed.opens_at).report


@pytest.mark.parametrize(
    ("answers", "asks"),
    [
        ({}, False),
        ({"assessment": "attention"}, True),
        ({"top_issues": ["corridor"]}, True),
        ({"support_needed": "hands"}, True),
        ({"derived_ok": "wrong", "disputed": "走访数"}, True),
    ],
)
def test_a_block_report_is_looked_at_when_any_answer_is_not_calm(community, staff, answers, asks):
    report = block_filed(community, **answers)
    assert bool(on_top(page(staff, community))) is asks
    assert review.accept_by_itself(at=report.obligation.closes_at) == (not asks)


def test_a_parent_is_accepted_whatever_its_children_lack(community, staff):
    """Excused, waived, missing, returned: none of them blocks the block's own report."""
    now = timezone.now()
    week = f.open_week(now)
    one, two, three = (f.owed(f.building(community, n), week) for n in (1, 2, 3))
    obligations.excuse(one, reason="整幢修缮", by=staff, at=now)
    obligations.waive(two, reason="组长住院", by=staff, at=now)
    review.return_(filed(community, 4), reason="请写楼层", by=staff, at=now)
    report = block_filed(community)
    assert three.pk
    review.accept(report, by=staff, at=now)
    assert Report.objects.get(pk=report.pk).review == "accepted"


def month_filed(community, at, text="平稳", **facts):
    month = obligations.open_month(at=at)
    owed = Obligation.objects.select_related("place", "period", "form").get(
        place=f.root(community), period=month
    )
    fields = [field["name"] for field in owed.form.latest().definition["fields"]]
    sent = filing.Sending(
        id=uuid4(),
        by=f.person(),
        channel=Filing.Channel.PAGE,
        answers=dict.fromkeys(fields, text),
        **facts,
    )
    return filing.file(owed, sent, at=owed.opens_at).report


def test_the_street_reviews_community_reports_beside_last_month(community):
    at = timezone.now()
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    this = calendar.month_of(timezone.localdate(at))
    before = calendar.month_of(this.starts_on - timedelta(days=1))
    then = calendar.moment(before.starts_on, 9)
    for moment in (then, at):
        obligations.open_month(at=moment)
    f.drain(community, at)
    for period, uncleared in ((before, 3), (this, 5)):
        Summary.objects.update_or_create(
            place=f.root(community),
            period=period,
            defaults={
                "community": community,
                "kind": 0,
                "corridor_uncleared": uncleared,
                "disputes": uncleared,
                "computed_at": at,
            },
        )
    month_filed(community, then, "平稳")
    report = month_filed(community, at, "需关注{楼道堆物待清}处，纠纷{邻里纠纷}处")
    client = client_of(officer)
    where = reverse("street-review", kwargs={"code": community.division_id})
    answer = client.get(where)
    [_earlier, shown] = answer.context["items"]
    told = answer.content.decode()
    assert reverse("supervision", kwargs={"code": community.division_id}) in told
    assert "{" not in "".join(piece.text for _label, said in shown.sections for piece in said)
    changed = {
        str(each.now.measure.code): (each.before.numerator, each.now.numerator)
        for each in shown.figures
        if each.is_changed
    }
    assert changed == {"HAZ_CORR": (3, 5)}
    assert {each.before for each in shown.words} == {"平稳"}
    # What is written stands with the figures that the street sees.
    for _label, pieces in shown.sections:
        text, figure, between, hidden, _end = pieces
        assert (text.text, figure.figure.text, between.text) == ("需关注", "5", "处，纠纷")
        assert hidden.figure.is_hidden
    # Disputes are told of a month that is over and locked, if at all.
    assert shown.figures
    assert not any("邻里" in str(e.now.measure.name) and e.now.numerator for e in shown.figures)
    door = reverse("street-acceptance", kwargs={"code": community.division_id})
    done = client.post(door, {"report": f"{report.pk}.1", "batch": str(uuid4())}, follow=True)
    assert "已通过1份" in done.content.decode()
    assert review.accept_by_itself(at=at + timedelta(days=90)) == 0


def test_the_street_reviews_neither_buildings_nor_another_streets_communities(community):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    far = f.compound((1,), division=f.street("310104008", "另一街道"))
    f.open_week(timezone.now())
    client = client_of(officer)
    door = reverse("street-acceptance", kwargs={"code": community.division_id})
    theirs = month_filed(far, timezone.now())
    for report in (filed(community, 1), theirs, block_filed(community)):
        body = {"report": f"{report.pk}.1", "batch": str(uuid4())}
        assert client.post(door, body).status_code == 404
    assert not Decision.objects.exists()


def test_a_director_reviews_no_report_of_the_own_community(community):
    director = f.staff(community, Duty.DIRECTOR)
    report = month_filed(community, timezone.now())
    assert press(director, community, report).status_code == 404
    street = reverse("street-acceptance", kwargs={"code": community.division_id})
    body = {"report": f"{report.pk}.1", "batch": str(uuid4())}
    assert client_of(director).post(street, body).status_code == 404


# --- Entrances, the phone, late reports -------------------------------------------------


def test_boards_lead_to_the_desks_with_what_waits(community, staff):
    filed(community, 1)
    filed(community, 4)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    viewer = f.post(Duty.STREET_VIEWER, division=community.division).user
    month_filed(community, timezone.now())

    def text(user, name, code):
        return client_of(user).get(reverse(name, kwargs={"code": code})).content.decode()

    assert "2份报告等着审阅" in text(staff, "community-board", community.code)
    assert "1份报告等着审阅" in text(worker, "community-board", community.code)
    above = text(officer, "street-board", community.division_id)
    assert reverse("street-review", kwargs={"code": community.division_id}) in above
    assert "审阅" not in text(viewer, "street-board", community.division_id)
    assert "等着审阅" not in text(officer, "community-board", community.code)


def test_the_phone_shows_a_returned_report_first_with_its_reason(community, staff):
    seat = f.seat(f.building(community, 1))
    report = filed(community, 1, by=seat, answers=HAZARD)
    review.return_(report, reason="请写在几楼", by=staff, at=timezone.now())
    group = reverse("group-board", kwargs={"code": report.place.code})
    client = client_of(seat)
    week = report.obligation.period.key
    own = {"code": report.place.code, "week": week}
    for where in (group, reverse("report-detail", kwargs=own)):
        text = client.get(where).content.decode()
        assert text.index("请写在几楼") < text.index("退回修改")
        assert f'href="{reverse("report-form", kwargs=own)}">去改' in text
    assert "请写在几楼" in client.get(reverse("report-form", kwargs=own)).content.decode()
    amended(report, answers=HAZARD | {"corridor_floors": [3]})
    text = client.get(group).content.decode()
    assert "请写在几楼" not in text
    assert "已报" in text


def test_a_reason_is_not_shown_to_the_neighbours(community, staff):
    report = filed(community, 1, answers=HAZARD)
    review.return_(report, reason="请写在几楼", by=staff, at=timezone.now())
    neighbour = client_of(f.seat(f.building(community, 2)))
    own = reverse("group-board", kwargs={"code": f.building(community, 2).code})
    assert "请写在几楼" not in neighbour.get(own).content.decode()
    where = {"code": report.place.code, "week": report.obligation.period.key}
    assert neighbour.get(reverse("report-detail", kwargs=where)).status_code == 404


def test_what_was_never_corrected_stays_on_the_desk_until_somebody_accepts_it(community, staff):
    last = f.open_week(timezone.now() - timedelta(days=21))
    owed = f.owed(f.building(community, 1), last)
    report = filing.file(owed, f.sending(f.person()), at=owed.opens_at).report
    review.return_(report, reason="请写在几楼", by=staff, at=owed.opens_at)
    assert "已归档，没有更正" in page(staff, community).content.decode()
    press(staff, community, Report.objects.get(pk=report.pk))
    assert "已归档，没有更正" not in page(staff, community).content.decode()


def test_late_reports_of_a_period_are_listed_by_place(community, staff):
    last = f.open_week(timezone.now() - timedelta(days=7))
    owed = f.owed(f.building(community, 2), last)
    filing.file(owed, f.sending(f.person()), at=owed.due_at + timedelta(hours=1))
    on_time = f.owed(f.building(community, 1), last)
    filing.file(on_time, f.sending(f.person()), at=on_time.opens_at)
    answer = client_of(staff).get(url("late-reports", community), {"week": last.key})
    text = answer.content.decode()
    assert "补报1份" in text
    assert "2号楼组" in text
    assert "1号楼组" not in text
    empty = client_of(f.staff(f.compound((1,)))).get
    other = f.compound((1,))
    assert empty(url("late-reports", other)).status_code == 404


def _queries(user, where):
    client = client_of(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(where).status_code == 200
    return len(queries)


def test_a_full_desk_costs_the_queries_of_one_with_one_of_each(staff):
    """Returned, corrected, changed, with a sentence: twice as many of each, as many queries."""

    def fill(community, start):
        reviewer = f.staff(community)
        returned, corrected, changed = (filed(community, start + n) for n in range(3))
        filed(community, start + 3, answers={"note": "扶手好用"})
        for report in (returned, corrected):
            review.return_(report, reason="请写楼层", by=reviewer, at=timezone.now())
        review.accept(changed, by=reviewer, at=timezone.now())
        for report in (corrected, changed):
            amended(report, answers=HAZARD)

    counts = []
    for sets in (1, 3):
        community = f.compound((4 * sets,))
        for each in range(sets):
            fill(community, 1 + 4 * each)
        counts.append(_queries(f.staff(community), url("review-queue", community)))
    assert counts[0] == counts[1] <= 22


def test_the_streets_desk_costs_the_same_for_one_and_for_three_communities():
    counts = []
    for number, communities in ((1, 1), (2, 3)):
        division = f.street(f"31010400{number}", f"第{number}街道")
        made = [f.compound((1,), division=division) for _each in range(communities)]
        publish_all(at=timezone.now())
        this = calendar.month_of(timezone.localdate())
        before = calendar.month_of(this.starts_on - timedelta(days=1))
        for community in made:
            month_filed(community, calendar.moment(before.starts_on, 9))
            month_filed(community, timezone.now(), "需关注")
        officer = f.post(Duty.STREET_OFFICER, division=division).user
        where = reverse("street-review", kwargs={"code": division.code})
        counts.append(_queries(officer, where))
    assert counts[0] == counts[1] <= 20
