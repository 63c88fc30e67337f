"""What a rehearsed month came to, told as it goes."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone


@dataclass
class Story:
    """What happened, a line each; `faults` are sentences about what should not be so."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def say(self, at: datetime, words: str) -> None:
        self.lines.append((timezone.localtime(at), words))

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def expect(self, is_so: object, words: str) -> None:
        self.count("核对")
        if not is_so:
            self.faults.append(words)
