"""The Observations that follow from placed ratings: scores, dyads and changes, in the shape that alliance.py writes."""

import uuid

import dates
import forms
from hospital import target
from score import stored

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://w3id.org/vincle/identifier/derived")
ALLIANCE_VISITS = ("m3", "m6", "m12")
PLATFORM = "Device/vincle-platform"


def identity(*parts):
    return str(uuid.uuid5(NAMESPACE, "|".join(parts)))


def given(value, reason="too-few-answered"):
    return {"absent": reason} if value is None else value


def expectation(identifier, code, subject, focus, ratings, value, absent, components, not_counted=False):
    later = max(ratings, key=lambda it: it.moment.utc)
    amended = any(it.response["status"] == "amended" for it in ratings)
    return {
        "id": identifier,
        "code": code,
        "subject": subject,
        "focus": focus,
        "performer": sorted({it.rater for it in ratings}),
        "effective": dates.zoned_text(later.moment),
        "status": "amended" if amended else "final",
        "value": value,
        "absent": absent,
        "components": components,
        "notCounted": not_counted,
        "derivedFrom": [],
    }


def score_expectation(it):
    subscales = forms.FORMS[it.instrument][3]
    components = {name: given(it.scores[name]) for name in subscales}
    components["answered"] = it.scores["answered"]
    if it.instrument.startswith("wai-s-"):
        partly = it.missing > 0 and any(it.scores[name] is not None for name in ("total", *subscales))
        components["prorated"] = partly and prorated_any(it)
        components["language"] = given(it.response.get("language"), "unknown")
        if it.uniform:
            components["uniform-answers"] = True
    platform = it.instrument == "vas-platform"
    components["visit"] = given(None, "not-applicable") if platform else it.visit
    subject = PLATFORM if platform else target(it.response["subject"])
    absent = None if it.total is not None else "too-few-answered"
    not_counted = None if it.counted is None else not it.counted
    whole = expectation(it.id, it.instrument, subject, it.therapist, [it], it.total, absent, components, not_counted)
    return {**whole, "derivedFrom": [f"QuestionnaireResponse/{it.response['id']}"]}


WAI_SUBSCALES = {"task": (1, 2, 8, 12), "bond": (3, 5, 7, 9), "goal": (4, 6, 10, 11)}


def prorated_any(it):
    """Whether any value given stands for an unanswered item: some subscale has one missing and is still scored."""
    answered = {item["linkId"] for item in it.response.get("item", []) if item.get("answer")}
    return any(
        it.scores[name] is not None and any(f"wai-{n}" not in answered for n in numbers)
        for name, numbers in WAI_SUBSCALES.items()
    )


def dyad_expectation(patient, therapist, visit, by_patient, by_therapist):
    missing = "partner-missing"
    ratings = [it for it in (by_patient, by_therapist) if it is not None]
    whole = len(ratings) == 2

    def difference(name):
        return stored(by_patient.part(name) - by_therapist.part(name)) if whole else None

    components = {
        "patient-total": given(by_patient and by_patient.total, missing),
        "therapist-total": given(by_therapist and by_therapist.total, missing),
        **{name: given(difference(name), missing) for name in ("task", "bond", "goal")},
        "days-apart": abs((by_patient.moment.day - by_therapist.moment.day).days) if whole else {"absent": missing},
        "visit": visit,
    }
    identifier = identity("wai-s-dyad", patient, therapist, visit)
    absent = None if whole else missing
    dyad = expectation(identifier, "wai-s-dyad", patient, therapist, ratings, difference("total"), absent, components)
    dyad["status"] = dyad["status"] if whole else "preliminary"
    return {**dyad, "derivedFrom": sorted(f"Observation/{it.id}" for it in ratings)}


def change_expectation(patient, therapist, visit, current, previous):
    changed = "therapist-changed"
    ratings = [it for it in (previous, current) if it is not None]
    value = None if previous is None else stored(current.part("total") - previous.part("total"))
    components = {
        "from-visit": given(previous and previous.visit, changed),
        "visit": visit,
        "critical-change": {"absent": changed if previous is None else "no-reliable-change-parameters"},
    }
    code = f"{current.instrument}-change"
    identifier = identity(code, patient, therapist, visit)
    absent = changed if previous is None else None
    change = expectation(identifier, code, patient, therapist, ratings, value, absent, components)
    return {**change, "derivedFrom": sorted(f"Observation/{it.id}" for it in ratings)}


def pairs(patient, ratings):
    """Dyads and changes of one patient."""
    usable = [
        it
        for it in ratings
        if it.instrument in ("wai-s-p", "wai-s-t") and it.counted and it.therapist and it.visit in ALLIANCE_VISITS
    ]
    at = {(it.instrument, it.therapist, it.visit): it for it in usable}
    for therapist, visit in sorted({(it.therapist, it.visit) for it in usable}):
        two = [at.get((instrument, therapist, visit)) for instrument in ("wai-s-p", "wai-s-t")]
        yield dyad_expectation(patient, therapist, visit, *two)
    for (instrument, therapist, visit), current in at.items():
        earlier = ALLIANCE_VISITS[: ALLIANCE_VISITS.index(visit)]
        same = [at[(instrument, therapist, v)] for v in earlier if (instrument, therapist, v) in at]
        if same:
            yield change_expectation(patient, therapist, visit, current, same[-1])
        elif any(it.instrument == instrument and it.visit in earlier for it in usable):
            yield change_expectation(patient, therapist, visit, current, None)
