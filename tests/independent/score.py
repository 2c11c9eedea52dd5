"""An independent calculation of every score, to hold Vincle's against.

Standard library only. The keys below are written by hand from the publications named beside them and read nothing of
Vincle's Questionnaires. Arithmetic is exact (fractions), rounded once, half away from zero, at six decimals.

Reads one JSON object a line on stdin: {"instrument": "wai-s-p", "answers": [7, null, ...]}: raw answers in the order of
the printed form, null where none was given. Writes one JSON object a line: {"total": "84", "task": null, ...}: decimal
text, null where the score cannot be had; "answered" and "prorated" are counts and truth values.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

SIX_PLACES = Decimal("0.000001")


def stored(value):
    """A fraction as decimal text of at most six decimals, half away from zero, without idle zeros."""
    if value is None:
        return None
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        # decimal's ROUND_HALF_UP is half away from zero.
        rounded = exact.quantize(SIX_PLACES, rounding=ROUND_HALF_UP)
    text = format(rounded, "f").rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def given(answers, numbers):
    """The answers to the items of these numbers (counted from 1) that were given."""
    return [answers[number - 1] for number in numbers if answers[number - 1] is not None]


def prorated_sum(answers, numbers, least):
    """Sum of the items; with at least `least` of them answered their mean times their number; else None."""
    values = given(answers, numbers)
    if len(values) < least:
        return None
    return Fraction(sum(values), len(values)) * len(numbers)


def complete_sum(answers, numbers):
    """Sum of the items, all of which must be answered."""
    return prorated_sum(answers, numbers, len(numbers))


def wai_s(answers):
    """Tracey & Kokotovic 1989: seven answers, items 4 and 10 count 8 - x. A project rule for missing answers: three of
    four in each subscale, and ten of the twelve for the total."""
    y = list(answers)
    for number in (4, 10):
        if y[number - 1] is not None:
            y[number - 1] = 8 - y[number - 1]
    task = prorated_sum(y, (1, 2, 8, 12), 3)
    bond = prorated_sum(y, (3, 5, 7, 9), 3)
    goal = prorated_sum(y, (4, 6, 10, 11), 3)
    enough = len(given(y, range(1, 13))) >= 10
    total = task + bond + goal if enough and None not in (task, bond, goal) else None
    return {"total": total, "task": task, "bond": bond, "goal": goal}


def sus(answers):
    """Brooke 1996: odd items x - 1, even items 5 - x, times 2.5. Every item must be answered."""
    if None in answers:
        return {"total": None}
    odd = sum(answers[i] - 1 for i in range(0, 10, 2))
    even = sum(5 - answers[i] for i in range(1, 10, 2))
    return {"total": Fraction(odd + even) * Fraction(5, 2)}


def single(answers):
    """A scale of one item: its value."""
    return {"total": None if answers[0] is None else Fraction(answers[0])}


def phq_4(answers):
    """Kroenke, Spitzer, Williams & Löwe 2009: GAD-2 first, then PHQ-2."""
    return {
        "total": complete_sum(answers, (1, 2, 3, 4)),
        "anxiety": complete_sum(answers, (1, 2)),
        "depression": complete_sum(answers, (3, 4)),
    }


def phq_9(answers):
    """Kroenke, Spitzer & Williams 2001."""
    return {"total": complete_sum(answers, range(1, 10))}


def gad_7(answers):
    """Spitzer, Kroenke, Williams & Löwe 2006."""
    return {"total": complete_sum(answers, range(1, 8))}


def hads(answers):
    """Zigmond & Snaith 1983, answers already oriented: anxiety the odd items, depression the even ones. Missing answers:
    at least half of a subscale's seven (Bell et al. 2016)."""
    anxiety = prorated_sum(answers, range(1, 15, 2), 4)
    depression = prorated_sum(answers, range(2, 15, 2), 4)
    total = anxiety + depression if None not in (anxiety, depression) else None
    return {"total": total, "anxiety": anxiety, "depression": depression}


# How each form is scored, and how many items it has.
FORMS = {
    "wai-s-p": (wai_s, 12),
    "wai-s-t": (wai_s, 12),
    "sus": (sus, 10),
    "vas-app": (single, 1),
    "vas-platform": (single, 1),
    "distress-thermometer": (single, 1),
    "phq-4": (phq_4, 4),
    "phq-9": (phq_9, 9),
    "gad-7": (gad_7, 7),
    "hads": (hads, 14),
}


def score(instrument, answers):
    scoring, items = FORMS[instrument]
    if len(answers) != items:
        raise ValueError(f"{instrument} has {items} items, not {len(answers)}")
    scores = scoring(answers)
    answered = len([answer for answer in answers if answer is not None])
    prorated = scores["total"] is not None and answered < items
    return {**{measure: stored(value) for measure, value in scores.items()}, "answered": answered, "prorated": prorated}


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(score(asked["instrument"], asked["answers"])))


if __name__ == "__main__":
    main()
