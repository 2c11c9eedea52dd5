"""Every Observation that should stand on the server, calculated from the public contract alone, to hold Vincle's against.

    python3 alliance.py [--study ResearchStudy/ID] [--episode-type SYSTEM|CODE] [--against FILE] FOLDER [FOLDER ...]

Each folder holds Bundles (.json) or resources (.ndjson), sent in the order of their names, followed by one alliance run:
what an earlier folder gave and a later takes away stands as entered in error. Writes one JSON object a line, in the order
of the ids. With --against it reads the Observations of a server (.ndjson) instead and writes every difference; the exit
code is then 1 where there is one. --reviews lists the responses that a person must look at.

Standard library only; needs nothing of Vincle but the data. Python 3.9 or later.
"""

import argparse
import json
import sys
from fractions import Fraction

sys.dont_write_bytecode = True

import dates
import forms
from hospital import IN_ERROR, Hospital, target
from observations import identity, pairs, score_expectation
from score import score

STUDY_INSTRUMENTS = ("wai-s-p", "wai-s-t", "sus", "vas-app", "vas-platform")


def key_of(response):
    """What a response is known by, across copies and amendments."""
    identifier = response.get("identifier", {})
    if identifier.get("system") and identifier.get("value"):
        return f"{identifier['system']}|{identifier['value']}"
    return f"QuestionnaireResponse/{response['id']}"


class Rating:
    """One response that is scored."""

    def __init__(self, response, instrument, answers, moment, rater, therapist):
        self.response, self.instrument, self.moment = response, instrument, moment
        self.rater, self.therapist = rater, therapist
        self.scores = score(instrument, answers)
        self.total = self.scores["total"]
        self.uniform = forms.is_uniform(instrument, answers)
        self.missing = len(answers) - self.scores["answered"]
        self.id = identity(instrument, key_of(response))
        self.visit, self.distance, self.counted = "unscheduled", 0, True

    def part(self, name):
        return None if self.scores[name] is None else Fraction(self.scores[name])

    def order(self):
        return (self.moment.utc, self.response["id"])


def contested_keys(hospital):
    """Identifiers that responses of two patients carry."""
    holders = {}
    for response in hospital.held.values():
        if response["resourceType"] == "QuestionnaireResponse" and response.get("status") != IN_ERROR:
            holders.setdefault(key_of(response), set()).add(target(response.get("subject")))
    return {key for key, subjects in holders.items() if len(subjects) > 1}


def rate(hospital, response, form, contested):
    """The rating that a response is; None where consent is missing; raises Refused with the reason."""
    instrument, foreign = form
    subject = target(response.get("subject"))
    if key_of(response) in contested:
        raise forms.Refused("two patients under one identifier")
    moment = dates.read(response.get("authored"))
    if moment is None:
        raise forms.Refused("authored")
    named = response.get("source", response.get("author"))
    rater = hospital.person(named) if named is not None else (subject if foreign is not None else None)
    expected = hospital.treating(subject, moment.day) if instrument == "wai-s-t" else [subject]
    if rater is None or rater not in expected:
        raise forms.Refused("rater")
    answers = forms.raw_answers(response, form)
    if subject.startswith("Patient/") and hospital.denied(subject, moment):
        return None
    return Rating(response, instrument, answers, moment, rater, rated(hospital, response, instrument, rater, moment))


def rated(hospital, response, instrument, rater, moment):
    """Whose work is rated; None where nobody can tell, and for everything but the alliance."""
    if instrument == "wai-s-t":
        return rater
    if instrument != "wai-s-p":
        return None
    for item in response.get("item", []):
        if item["linkId"] == "rated-therapist" and item.get("answer"):
            person = hospital.person(item["answer"][0].get("valueReference"))
            if person is None or not person.startswith("Practitioner/"):
                raise forms.Refused("rated therapist")
            return person
    treating = hospital.treating(target(response["subject"]), moment.day)
    return treating[0] if len(treating) == 1 else None


def newest_copies(hospital, responses):
    """Of the copies of one response the one changed last, of those changed together the one of the greater id."""
    copies = {}
    for response in responses:
        try:
            form = forms.form_of(response.get("questionnaire"))
        except forms.Refused:
            form = ("?", None)
        if form is None or response.get("status") not in ("completed", "amended"):
            continue
        stamp = (hospital.changed[f"QuestionnaireResponse/{response['id']}"], response["id"])
        known = copies.get((form[0], key_of(response)))
        if known is None or stamp > known[0]:
            copies[(form[0], key_of(response))] = (stamp, response)
    return [response for _, response in copies.values()]


def place(ratings, inclusion):
    """Gives each rating of one subject its visit, and says which count."""
    ratings.sort(key=Rating.order)
    nearest, holders = {}, {}
    for it in ratings:
        study = it.instrument in STUDY_INSTRUMENTS
        it.visit, it.distance = dates.visit_of(it.moment.day, inclusion, with_baseline=not study)
        if it.visit == "unscheduled":
            continue
        if study:
            slot = (it.instrument, it.therapist, it.rater, it.visit)
            if it.total is None:
                # Nothing to count; the contract does not say whether it is marked.
                it.counted = None
            else:
                it.counted = holders.setdefault(slot, it) is it
        else:
            best = nearest.setdefault((it.instrument, it.visit), it)
            if it.distance < best.distance:
                nearest[(it.instrument, it.visit)] = it
    for it in ratings:
        if it.instrument not in STUDY_INSTRUMENTS and nearest.get((it.instrument, it.visit)) is not it:
            it.visit = "unscheduled"


def expected(hospital):
    """All Observations that follow from what the hospital holds, by id; and the responses that a person must look at."""
    found, reviews, groups = {}, {}, {}
    contested, therapists = contested_keys(hospital), hospital.therapists_of_programme()
    for resource in hospital.held.values():
        if resource["resourceType"] == "QuestionnaireResponse":
            groups.setdefault(target(resource.get("subject")), []).append(resource)
    for subject, responses in groups.items():
        of_patient = subject is not None and subject.startswith("Patient/")
        if subject is None or (of_patient and subject not in hospital.held):
            reviews.update((it["id"], "no patient") for it in newest_copies(hospital, responses))
            continue
        if not (hospital.in_programme(subject) if of_patient else subject in therapists):
            continue
        ratings = []
        for response in newest_copies(hospital, responses):
            try:
                form = forms.form_of(response["questionnaire"])
                if (form[0] == "vas-platform") == of_patient:
                    raise forms.Refused("subject")
                rating = rate(hospital, response, form, contested)
            except forms.Refused as refusal:
                reviews[response["id"]] = str(refusal)
                continue
            if rating is None:
                continue
            if rating.instrument == "wai-s-p" and rating.therapist is None:
                reviews[response["id"]] = "therapist"
            ratings.append(rating)
        place(ratings, hospital.inclusion(subject) if of_patient else None)
        for one in [*map(score_expectation, ratings), *(pairs(subject, ratings) if of_patient else ())]:
            found[one["id"]] = one
    return found, reviews


def main():
    arguments = argparse.ArgumentParser(description="Expected alliance Observations, from the contract alone.")
    arguments.add_argument("--study")
    arguments.add_argument("--episode-type")
    arguments.add_argument("--against", help="Observations of a server, .ndjson")
    arguments.add_argument("--reviews", action="store_true", help="responses that a person must look at, instead")
    arguments.add_argument("folders", nargs="+")
    options = arguments.parse_args()
    hospital, standing, reviews = Hospital(options.study, options.episode_type), {}, {}
    for stage, folder in enumerate(options.folders):
        hospital.take(folder, stage)
        now, reviews = expected(hospital)
        gone = {key: {**it, "status": IN_ERROR} for key, it in standing.items() if key not in now}
        standing = {**gone, **now}
    if options.reviews:
        for response in sorted(reviews):
            print(json.dumps({"response": f"QuestionnaireResponse/{response}", "reason": reviews[response]}))
        return 0
    if options.against:
        from compare import differences

        lines = differences(standing, options.against)
        print("\n".join(lines) or f"{len(standing)} Observations, none different")
        return 1 if lines else 0
    for key in sorted(standing):
        print(json.dumps(standing[key], ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
