"""Whatever happens in whatever order: the state follows the table, and the decisions tell it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports import filing, review
from reports.models import Decision, Filing, Report
from reports.review import TRANSITIONS, Event, Stage
from tests import factories as f
from tests.beside import undone
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
some = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
SECOND = timedelta(seconds=1)
CALM, HAZARD = {}, {"corridor": "uncleared"}

# What reviewers do is drawn more often than what they do seldom.
OFTEN = (*Event, Event.FILE, Event.ACCEPT, Event.ACCEPT, Event.RETURN, Event.UNDO, Event.UNDO)
happenings = st.lists(
    st.tuples(st.sampled_from(OFTEN), st.sampled_from([0, 0, 5, 11])), min_size=1, max_size=12
)


def at_once(*events: Event) -> list[tuple[Event, int]]:
    return [(event, 0) for event in events]


class World:
    """One building's report, and a clock that starts when late filing has closed."""

    def __init__(self) -> None:
        community = f.compound((1,))
        self.owed = f.owed(f.building(community), f.open_week())
        self.reviewer = f.staff(community)
        self.at = self.owed.closes_at
        self.stage = Stage.ABSENT
        # Stages to go back to, each with the sending it is about and when it was decided.
        self.before: list[tuple[Stage, int, object]] = []

    @property
    def report(self) -> Report | None:
        return Report.objects.filter(obligation=self.owed).first()

    def do(self, event: Event) -> None:
        """What the event's process does; an absent report stands for one that nobody has seen."""
        report = self.report
        rev = report.rev if report else 0
        if event in (Event.FILE, Event.WITHDRAW):
            sent = f.sending(
                f.person(),
                base_rev=rev,
                withdraws=event == Event.WITHDRAW,
                **({} if event == Event.WITHDRAW else {"answers": HAZARD if rev % 2 else CALM}),
            )
            filing.file(self.owed, sent, at=self.at)
        elif event == Event.ACCEPT_ITSELF:
            if not review.accept_by_itself(at=self.at):
                raise Refusal("nothing", "没有", 409)
        elif event == Event.UNLOCK:
            until = self.at + timedelta(days=1)
            review.unlock(self.owed, reason="核对", until=until, by=self.reviewer, at=self.at)
        elif event == Event.UNDO:
            last = Decision.objects.exclude(what__in=("undone", "unlocked")).filter(
                report=report, undone_by=None
            )
            review.undo(last.order_by("-id")[:1], by=self.reviewer, at=self.at)
        elif event == Event.ACCEPT:
            review.accept(report or Report(pk=0, rev=0), by=self.reviewer, at=self.at)
        else:
            seen = report or Report(pk=0, rev=0)
            review.return_(seen, reason="请写楼层", by=self.reviewer, at=self.at)

    def everything(self) -> tuple:
        return (
            list(Report.objects.values()),
            list(Decision.objects.values()),
            Filing.objects.count(),
        )


@given(happenings)
@example(at_once(Event.FILE, Event.RETURN, Event.ACCEPT, Event.UNDO, Event.UNDO))
@example(at_once(Event.FILE, Event.ACCEPT, Event.RETURN, Event.UNDO, Event.UNDO, Event.FILE))
@example(at_once(Event.FILE, Event.ACCEPT, Event.FILE, Event.UNDO))
@example(at_once(Event.FILE, Event.ACCEPT, Event.FILE, Event.ACCEPT, Event.UNDO, Event.WITHDRAW))
@some
def test_the_state_follows_the_table_and_the_illegal_writes_nothing(plan):
    with undone():
        world = World()
        story: list[tuple[str, int]] = []
        for event, seconds in plan:
            world.at += seconds * SECOND
            before = world.everything()
            legal = (world.stage, event) in TRANSITIONS
            refused = _refused(world, event)
            if refused:
                assert legal or refused.status == 409
                assert world.everything() == before
                continue
            assert legal, (world.stage, event)
            target = TRANSITIONS[world.stage, event]
            if event == Event.UNDO:
                target = world.before.pop()[0]
            elif event in (Event.ACCEPT, Event.RETURN, Event.ACCEPT_ITSELF):
                world.before.append((world.stage, world.report.rev, world.at))
            elif event in (Event.FILE, Event.WITHDRAW):
                world.before.clear()
            world.stage = target
            report = world.report
            assert review.stage_of(report) == world.stage if report else Stage.ABSENT
            story = _told(story, event, report)
            assert list(Decision.objects.values_list("what", "rev")) == story
            assert (world.stage is Stage.ACCEPTED) <= (report.accepted_rev == report.rev)


def _refused(world: World, event: Event) -> Refusal | None:
    try:
        world.do(event)
    except Refusal as refusal:
        return refusal
    return None


def _told(story: list[tuple[str, int]], event: Event, report: Report) -> list[tuple[str, int]]:
    words = {
        Event.ACCEPT: "accepted",
        Event.ACCEPT_ITSELF: "accepted",
        Event.RETURN: "returned",
        Event.UNDO: "undone",
        Event.UNLOCK: "unlocked",
    }
    return [*story, (words[event], report.rev)] if event in words else story


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("event", Event)
def test_every_pair_is_declared_or_refused(stage, event):
    """From each stage each event does what the table says, or is refused and writes nothing."""
    ways = {
        Stage.ABSENT: [],
        Stage.WAITING: [Event.FILE],
        Stage.RETURNED: [Event.FILE, Event.RETURN],
        Stage.ACCEPTED: [Event.FILE, Event.ACCEPT],
    }
    world = World()
    for each in ways[stage]:
        world.do(each)
    if event == Event.UNLOCK:
        world.at = world.owed.locks_at
    if (stage, event) not in TRANSITIONS:
        before = world.everything()
        with pytest.raises(Refusal) as caught:
            world.do(event)
        assert caught.value.status == 409
        assert world.everything() == before
        return
    world.do(event)
    target = TRANSITIONS[stage, event] or Stage.WAITING
    assert (review.stage_of(world.report) if world.report else Stage.ABSENT) == target
