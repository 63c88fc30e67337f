"""Every page that can be opened: who opens it and with what. Read by `bench.screens` and by the
gates in `tests/e2e/test_gates.py`; a page of the URL table that is not here fails
`tests/docs/test_pages.py`.

A new page is one line in PAGES: the URL's name, for whom it is drawn, what its address is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.urls import reverse
from PIL import Image

from governance.profiles import inspecting
from governance.profiles.models import Condition, Facility, FacilityKind
from governance.voices import doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from reports import calendar, filing, photos, replies, sheets
from reports.catalogue import HOUSEHOLD_REPORT, MATTER_REPORT
from reports.exports import order
from reports.exports.order import FileKind, Order, Purpose
from reports.models import (
    Admission,
    Export,
    Filing,
    Obligation,
    Period,
    Report,
    ReportForm,
    Sheet,
    Workbook,
)
from reports.workbooks import storing
from units.census_import import drafting
from units.kinds import Kind
from units.models import Branch, CensusImport, Place, Post, User

NOT_PAGES = {
    "healthz": "text for machines",
    "logout": "only takes a POST",
    "shell-part": "styles and script of the shell",
    "service-worker": "a script",
    "live": "a version that open pages ask for",
    "downloads-live": "a version that open pages ask for",
    "workbench-live": "a version that open pages ask for",
    "census-live": "a version that open pages ask for",
    "live-who": "answers nothing but who somebody is",
    "language": "only takes a POST",
    "search-suggestions": "a fragment; tests/e2e/test_places.py types for it",
    "census-template": "a file",
    "census-errors": "a file",
    "download-file": "a file",
    "photo": "a picture",
    "pin": "leads to the login where no phone is bound; tests/e2e/test_binding.py opens it",
    "second-step": "leads to the login without a password; tests/governance/test_second_step.py",
}


@dataclass(frozen=True)
class Page:
    """`of` names a row of `World.about`; `who` a role of `World.people`, "" for a stranger."""

    door: str
    who: str
    of: str = "nothing"
    query: str = ""

    @property
    def name(self) -> str:
        return f"{self.door}-{self.who or 'anybody'}{'-more' if self.query else ''}"

    def address(self, world: "World") -> str:
        return reverse(self.door, kwargs=world.about[self.of]) + self.query


PAGES = (
    # Before the login.
    Page("home", ""),
    Page("login", ""),
    Page("enter", ""),
    Page("diagnosis", ""),
    Page("stairwell", "", "plate"),
    Page("voice-receipt", "", query="?number={voice}"),
    # The hand.
    Page("group-home", "seat"),
    Page("group-board", "seat", "building"),
    Page("nil-report", "seat", "report"),
    Page("report-form", "seat", "report"),
    Page("report-detail", "seat", "report"),
    Page("withdrawal", "seat", "filed"),
    Page("matter", "seat", "building"),
    Page("matter-form", "seat", "kind"),
    Page("matter-form", "seat", "help", "?"),
    Page("matter-amendment", "seat", "matter"),
    Page("matter-withdrawal", "seat", "matter"),
    Page("group-wall", "seat", "building"),
    Page("household", "seat", "door"),
    Page("household-form", "seat", "door"),
    Page("event-amendment", "seat", "event"),
    Page("event-withdrawal", "seat", "event"),
    Page("receipt", "seat", "matter"),
    Page("photo-form", "seat", "matter"),
    Page("photo-removal", "seat", "picture"),
    Page("group-replies", "seat", "building"),
    Page("group-voices", "seat", "building"),
    Page("burden", "seat"),
    Page("devices", "seat"),
    Page("bound", "seat"),
    Page("shell", "seat"),
    # The desk of the committee.
    Page("workbench", "staff", "community"),
    Page("workbench", "staff", "community", "?tab=all"),
    Page("filing-matrix", "staff", "community"),
    Page("search", "staff", query="?q=1"),
    Page("places", "staff", "community"),
    Page("place", "staff", "door"),
    Page("place", "staff", "floor", "?"),
    Page("person", "staff", "holder"),
    Page("handover", "staff", "building"),
    Page("community-profile", "staff", "community"),
    Page("building-profile", "staff", "building"),
    Page("building-profiles", "staff", "community"),
    Page("facility-addition", "staff", "community"),
    Page("facility", "staff", "facility"),
    Page("parking-need", "staff", "community"),
    Page("defects", "staff", "community"),
    Page("committee-queries", "staff", "community"),
    Page("census-imports", "staff", "community"),
    Page("census-columns", "staff", "census draft"),
    Page("census-import", "staff", "census"),
    Page("parts", "staff"),
    Page("community-board", "staff", "community"),
    Page("review-queue", "staff", "community"),
    Page("late-reports", "staff", "community"),
    Page("matters", "staff", "community", "?all=1"),
    Page("replies", "staff", "matter"),
    Page("building-board", "staff", "building"),
    Page("report-detail", "staff", "filed"),
    Page("on-behalf", "staff", "report"),
    Page("chain", "staff", "community"),
    Page("voices", "staff", "community"),
    Page("voice", "staff", "voice"),
    Page("doorplates", "staff", "community"),
    Page("doorplate-sheets", "staff", "community"),
    Page("group-list", "staff", "community"),
    Page("group-card", "staff", "community"),
    Page("cards", "staff", "community"),
    Page("community-wall", "staff", "community"),
    Page("paper", "staff", "paper"),
    Page("upper-list", "staff", "community"),
    Page("upper-report", "staff", "block"),
    Page("upper-form", "staff", "block"),
    Page("upper-withdrawal", "staff", "block"),
    Page("measures", "staff"),
    Page("figure", "staff", "figure"),
    Page("sheet", "staff", "sheet"),
    Page("sheet-table", "staff", "sheet"),
    Page("downloads", "staff"),
    Page("download", "staff", "export"),
    Page("workbooks", "staff"),
    Page("workbook", "staff", "workbook"),
    Page("workbook-filling", "staff", "workbook"),
    Page("admissions", "staff"),
    Page("admission-proposal", "staff"),
    Page("admission", "staff", "admission"),
    Page("calendar", "staff"),
    Page("second-step-setup", "staff"),
    Page("appointments", "director", "community"),
    Page("seat-end", "director", "post"),
    Page("second-steps", "director", "community"),
    Page("shape", "director", "community"),
    Page("shape-step", "director", "rename"),
    Page("shape-step", "director", "rename", "?name=一号"),
    Page("place", "director", "block place"),
    Page("shape-changes", "director", "community"),
    Page("branches", "director", "community"),
    Page("branch-secretary", "director", "branch"),
    Page("branch-secretary", "director", "branch", "?name=陈建国"),
    # The street.
    Page("street-board", "street", "street"),
    Page("street-review", "street", "street"),
    Page("street-trends", "street", "street"),
    Page("supervision", "street", "street"),
    Page("street-screen", "street", "street"),
    Page("place", "street", "root"),
    Page("community-profile", "street", "community"),
    Page("community-board", "street", "community"),
    Page("measures", "street"),
    Page("figure", "street", "figure"),
    Page("calendar", "street"),
    Page("admission", "street", "admission"),
)


@dataclass
class World:
    """Who is there, and what addresses are about, found in the database; what lacks is told."""

    people: dict[str, User]
    at: datetime

    def __post_init__(self) -> None:
        own = Post.objects.filter(user=self.people["seat"], place__kind=Kind.BUILDING)
        self.building = own.select_related("place__community__division", "place__parent")[0].place
        self.community = self.building.community
        self.staff, self.seat = self.people["staff"], self.people["seat"]
        self.about: dict[str, dict[str, Any]] = dict(self._about())

    def address(self, page: Page) -> str:
        return page.address(self).replace("{voice}", self.voice.receipt)

    def _about(self) -> Iterator[tuple[str, dict[str, Any]]]:
        of = {"code": self.community.code}
        week = calendar.week_of(self.at.date())
        home = Place.objects.filter(parent__parent=self.building).order_by("code")[0]
        matter, event = self._matter(), self._event(home)
        self.voice = self._voice()
        block = Obligation.objects.filter(
            form__code="block_report", community=self.community, report__rev__gt=0
        ).select_related("place", "period")[0]
        filed = Report.objects.standing().filter(
            community=self.community, obligation__period=week, place__kind=Kind.BUILDING
        )
        mine = filed.filter(place=self.building).first() or filed[0]
        seat = Post.objects.seats().filter(place__community=self.community)[0]
        yield "nothing", {}
        yield "community", of
        yield "street", {"code": self.community.division_id}
        yield "building", {"code": self.building.code}
        yield "kind", {"code": self.building.code, "kind": "facility"}
        yield "help", {"code": self.building.code, "kind": "help"}
        yield "door", {"code": home.code}
        yield "report", {"code": self.building.code, "week": week.key}
        yield "filed", {"code": mine.place.code, "week": week.key}
        yield "paper", {"code": self.building.code, "form": "building_report"}
        yield "block", {"code": block.place.code, "period": block.period.key}
        yield "matter", {"id": matter.pk}
        yield "picture", {"id": matter.pk, "number": 1}
        yield "event", {"id": event.pk}
        yield "voice", {"pk": self.voice.pk}
        yield "plate", {"token": self.voice.doorplate.token}
        yield "post", {"pk": seat.pk}
        yield "holder", {"pk": seat.user_id}
        yield "floor", {"code": home.parent.code}
        yield "block place", {"code": self.building.parent.code}
        root = Place.objects.get(community=self.community, kind=Kind.COMMUNITY)
        yield "root", {"code": root.code}
        branch = Branch.objects.filter(community=self.community)[0]
        yield "branch", of | {"number": branch.number}
        yield "census draft", {"id": self._census(CensusImport.State.DRAFT).pk}
        yield "census", {"id": self._census(CensusImport.State.CHECKED).pk}
        yield "rename", {"code": self.building.code, "what": "rename"}
        yield "facility", {"pk": self._facility().pk}
        yield "figure", {"code": "HAZ_CORR", "place": of["code"], "period": week.key}
        yield "sheet", {"id": self._sheet(week).pk}
        yield "export", {"id": self._export(week).pk}
        yield "workbook", {"pk": self._workbook().pk}
        yield "admission", {"pk": Admission.objects.order_by("-pk")[0].pk}

    def _matter(self) -> Filing:
        sent = Filing.objects.filter(
            by=self.seat, report__form__code=MATTER_REPORT, rev=1, report__withdrawn=False
        ).first()
        if sent is None:
            told = self._told(self.building, MATTER_REPORT, kind="facility", note="三楼楼道灯不亮")
            sent = told
            photos.attach(sent, 1, drawn(), by=self.seat, at=self.at)
            self._told(self.building, MATTER_REPORT, kind="corridor", urgency="soon")
            replies.reply(sent.report, "物业下午来换灯", id_=uuid4(), by=self.staff, at=self.at)
        return sent

    def _facility(self) -> Facility:
        there = (
            Facility.objects.there().filter(place__community=self.community).order_by("pk").first()
        )
        told = {"kind": FacilityKind.LIGHT, "name": "楼道照明"}
        facts: dict[str, Any] = {"on": self.at.date(), "by": self.staff, "at": self.at}
        return there or inspecting.add(self.building, told, condition=Condition.GOOD, **facts)

    def _census(self, state: str) -> CensusImport:
        """Handed in, and after its columns are said: one row right, one of no building."""
        kept = CensusImport.objects.filter(community=self.community, state=state)
        if found := kept.order_by("-made_at").first():
            return found
        number = self.building.name.removesuffix("楼组")
        pasted = f"楼组\t室号\t常住人数\t60岁以上\n{number}\t101\t2\t1\n9999号\t101\t3\t0"
        facts: dict[str, Any] = {"by": self.staff, "at": self.at}
        made = drafting.take_in(self.community, file_name="", content=b"", pasted=pasted, **facts)
        if state == CensusImport.State.DRAFT:
            return made
        columns = drafting.suggested(drafting.tables_of(made)[0], self.staff)
        facts |= {"as_of": self.at.date(), "opens_buildings": False}
        return drafting.say_columns(made, 0, columns, **facts)

    def _event(self, home: Place) -> Filing:
        mine = Filing.objects.filter(by=self.seat, report__form__code=HOUSEHOLD_REPORT)
        sent = mine.filter(report__withdrawn=False).order_by("received_at").last()
        return sent or self._told(home, HOUSEHOLD_REPORT, situation="same")

    def _told(self, place: Place, form: str, **answers: str) -> Filing:
        sending = filing.Sending(
            id=uuid4(), by=self.seat, channel=Filing.Channel.PAGE, answers=answers
        )
        return filing.file_event(
            place, ReportForm.objects.get(code=form), sending, at=self.at
        ).filing

    def _voice(self) -> Voice:
        plates = Doorplate.objects.filter(place=self.building, revoked_at=None)
        if not plates.exists():
            doorplates.issue([self.building], by=self.staff, at=self.at)
        heard = Voice.objects.filter(place=self.building).select_related("doorplate").first()
        said = Saying(uuid4(), "broken", "楼道灯坏了，晚上看不见", shown_to_group=True)
        return heard or say(plates[0], said, address="screens", at=self.at)

    def _sheet(self, week: Period) -> Sheet:
        root = Place.objects.get(community=self.community, kind=Kind.COMMUNITY)
        taken = Sheet.objects.filter(place=root, period=week).first()
        return taken or sheets.take(root, week, by=None, at=self.at)

    def _export(self, week: Period) -> Export:
        root = Place.objects.get(community=self.community, kind=Kind.COMMUNITY)
        ordered = Export.objects.of(self.staff).first()
        wanted = Order(FileKind.SPREADSHEET, Purpose.MEETING, place=root, period=week)
        return ordered or order.place(wanted, by=self.staff, at=self.at)

    def _workbook(self) -> Workbook:
        kept = Workbook.objects.filter(community=self.community).first()
        return kept or storing.upload(
            self.community,
            name="社区治理情况月报表",
            file_name="月报表.xlsx",
            content=_empty_table(),
            by=self.staff,
            at=self.at,
        )


def of_demo(at: datetime) -> World:
    logins = {"seat": "l047-2", "staff": "committee", "director": "director", "street": "street"}
    return World({role: User.objects.get(login=login) for role, login in logins.items()}, at)


def drawn() -> bytes:
    """A picture that stands for a photo: a grey lamp on a wall."""
    picture = Image.new("RGB", (640, 480), "#d8d2c4")
    picture.paste("#6f6a60", (280, 60, 360, 220))
    picture.paste("#f4f1ea", (296, 76, 344, 180))
    content = BytesIO()
    picture.save(content, "JPEG", quality=70)
    return content.getvalue()


def _empty_table() -> bytes:
    from openpyxl import Workbook as Book

    book = Book()
    sheet = book.active
    sheet.append(["片区", "应报楼组", "已报楼组", "楼道堆物待清"])
    for number in range(1, 9):
        sheet.append([f"第{number}片区"])
    content = BytesIO()
    book.save(content)
    return content.getvalue()
