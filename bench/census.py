"""`python -m bench.census`: 2,500 households from the upload to done, stage by stage; and bombs.

Everything a clerk and the worker ask of the machine is done once in one process, one after another:
so the sum is the time without anybody's reading and without the broker's few milliseconds.
"""

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from uuid import UUID

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import bombs  # noqa: E402
from bench.world import drain_all, long_ago, plant_the_real_size  # noqa: E402
from reports import obligations  # noqa: E402
from reports.catalogue import publish_all  # noqa: E402
from tests import factories as f  # noqa: E402
from tests.units import census_workbooks  # noqa: E402
from units.census_import import importing  # noqa: E402
from units.kinds import Duty  # noqa: E402
from units.models import CensusImport, Community, HouseholdCount, Place  # noqa: E402


@dataclass
class Stages:
    """Seconds of the clock, and of the processor: in Python, its reader too, and in PostgreSQL."""

    taken: list[tuple[str, float, float, float]] = field(default_factory=list)

    def take(self, name: str, call: object, *args: object, **facts: object) -> object:
        database, busy, began = _database_busy(), _busy(), time.perf_counter()
        answer = call(*args, **facts)  # type: ignore[operator]
        seconds, used = time.perf_counter() - began, _busy() - busy
        self.taken.append((name, seconds, used, _database_busy() - database))
        return answer

    def print(self, together: str = "") -> None:
        rows = list(self.taken)
        if together:
            rows.append((together, *(sum(row[n] for row in self.taken) for n in (1, 2, 3))))
        for name, taken, used, database in rows:
            print(f"  {name:38} {taken:6.2f} s   Python {used:5.2f}   PostgreSQL {database:5.2f}")


def _busy() -> float:
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _database_busy() -> float:
    """Of our own connection's process, where that is on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return float("nan")
    facts = stat.read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")


def _went_well(answer: HttpResponse) -> HttpResponse:
    if answer.status_code not in (200, 302):
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()[:2000]}")
    return answer


def bring_in(community: Community, content: bytes) -> None:
    """Page by page as a director does it, then the worker's part, then back again."""
    client, stages = Client(), Stages()
    client.force_login(f.post(Duty.DIRECTOR, place=f.root(community), since=long_ago()).user)

    def get(name: str, url: str) -> str:
        answer = stages.take(name, client.get, url)
        return _went_well(answer).content.decode()  # type: ignore[arg-type]

    def post(name: str, url: str, body: dict[str, object]) -> str:
        answer = stages.take(name, client.post, url, body)
        return str(_went_well(answer)["Location"])  # type: ignore[arg-type]

    file = SimpleUploadedFile("底册.xlsx", content)
    url = reverse("census-imports", kwargs={"code": community.code})
    columns = post("upload: guard, reading, taking in", url, {"file": file})
    page = get("the page of its columns", columns)
    chosen = re.findall(r'name="(column-\d+)".*?<option value="(\w*)" selected', page)
    body = dict(chosen) | {"sheet": "0", "as_of": timezone.localdate().isoformat()}
    checked = post("saying the columns", columns, body)
    get("the dry run and its page", checked)
    pk = UUID(checked.rstrip("/").rpartition("/")[2])
    post("start", reverse("census-start", kwargs={"id": pk}), {"only_good": "1"})
    stages.take("the worker: importing", importing.run, pk, at=timezone.now())
    done = CensusImport.objects.get(pk=pk)
    stages.print("upload to done")
    print(f"  {done.state}: {done.done} of {done.total}, {done.tally}")
    after = Stages()
    after.take("the drain: figures are true", drain_all)
    after.take("undo", client.post, reverse("census-undo", kwargs={"id": pk}))
    after.print()
    drain_all()
    left = HouseholdCount.objects.filter(brought_by=pk).count()
    places = Place.objects.filter(pk__in=done.planted).count()
    print(f"  after the undo: {left} counts and {places} places of it")


def main() -> None:
    publish_all(at=timezone.now())
    known = plant_the_real_size("310104007009")
    bare = f.compound((63, 62), floors=0, doors=0, at=long_ago())
    obligations.open_week(at=timezone.now())
    drain_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    content = census_workbooks.clean(125, 5, 4).content
    print(
        f"2,500 households in a workbook of {len(content) // 1024} KB,"
        f" load {os.getloadavg()[0]:.1f}"
    )
    print("2,000 of them in the tree, 500 doors and 125 floors to plant:")
    bring_in(known, content)
    print("None of them in the tree, 2,500 doors and 625 floors to plant:")
    bring_in(bare, content)
    print("Bombs: until refused, and the peak memory of the reading process")
    bombs.main()


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    name = connection.settings_dict["NAME"]
    try:
        main()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
