"""群接龙 read: what is matched is right, and nothing is dropped without being shown."""

import pytest

from reports.chain.reading import read
from tests.reports.chains import fifty

BUILDINGS = 125
NUMBERS = dict.fromkeys(range(1, BUILDINGS + 1))


def meant_by(draft) -> object:
    if draft.nil:
        return "nil"
    return set(draft.answers) & {
        "corridor", "ebike", "dispute", "facility", "waste", "stock"
    } or "note"  # fmt: skip


def test_fifty_chains_are_read_right_but_for_a_few_lines():
    right = wrong = 0
    faults = []
    for chain in fifty(BUILDINGS):
        for text, meant in chain:
            found = {d.number: meant_by(d) for d in read(text, NUMBERS).drafts}
            if found == meant:
                right += bool(meant)
            else:
                wrong += 1
                faults.append((text, meant, found))
    assert right / (right + wrong) >= 0.9, faults


def test_chatter_becomes_no_report():
    for chain in fifty(BUILDINGS):
        for text, meant in chain:
            if not meant:
                assert read(text, NUMBERS).drafts == []


def test_every_line_is_either_a_draft_or_handed_back():
    for chain in fifty(BUILDINGS):
        text = "\n".join(line for line, _meant in chain)
        found = read(text, NUMBERS)
        shown = {draft.line for draft in found.drafts} | {line for line, _text in found.unmatched}
        spoken = {
            number
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.startswith("#接龙")
        }
        assert shown == spoken


@pytest.mark.parametrize(
    ("text", "number", "answers"),
    [
        ("48号 3楼灯坏", 48, {"facility": "broken", "facility_kind": ["light"]}),
        ("47号四楼堆物没人清", 47, {"corridor": "uncleared", "corridor_floors": [4]}),
        ("二十一号楼 飞线充电，已劝", 21, {"ebike": "persuaded"}),
        ("四七号 飞线充电，已劝", 47, {"ebike": "persuaded"}),
    ],
)
def test_a_trouble_answers_its_one_question_and_leaves_the_others_open(text, number, answers):
    (draft,) = read(text, NUMBERS).drafts
    assert draft.number == number
    said = {name: value for name, value in draft.answers.items() if name != "note"}
    assert said == answers


def test_what_is_said_not_to_be_there_is_not_reported():
    (draft,) = read("47号 没有堆物，平安", NUMBERS).drafts
    assert draft.nil


def test_a_building_that_is_not_here_is_handed_back():
    found = read("300号 平安", NUMBERS)
    assert found.drafts == []
    assert found.unmatched == [(1, "300号 平安")]
