"""Raw answers out of QuestionnaireResponses: of Vincle's own forms, and of the PHQ-9 of two other publishers. Written from
the public contract (items, answers, what is refused) and from LOINC's panels; reads none of Vincle's Questionnaires."""

BASE = "https://w3id.org/vincle"
LOINC = "http://loinc.org"
VERSION = "1.0.0"

FREQUENCY = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
DIFFICULTY = ("LA6572-7", "LA6573-5", "LA6575-0", "LA6574-3")
WAI = {str(n): n for n in range(1, 8)}
SUS = {str(n): n for n in range(1, 6)}
HADS = {str(n): n for n in range(0, 4)}

# For each form: items' prefix, how many, (system, codes) or (lowest, highest), its subscales.
FORMS = {
    "wai-s-p": ("wai", 12, (f"{BASE}/CodeSystem/wai-s-frequency", WAI), ("task", "bond", "goal")),
    "wai-s-t": ("wai", 12, (f"{BASE}/CodeSystem/wai-s-frequency", WAI), ("task", "bond", "goal")),
    "sus": ("sus", 10, (f"{BASE}/CodeSystem/sus-agreement", SUS), ()),
    "vas-app": ("vas", 1, (0, 100), ()),
    "vas-platform": ("vas", 1, (0, 100), ()),
    "distress-thermometer": ("dt", 1, (0, 10), ()),
    "phq-4": ("phq4", 4, (LOINC, FREQUENCY), ("anxiety", "depression")),
    "phq-9": ("phq9", 9, (LOINC, FREQUENCY), ()),
    "gad-7": ("gad7", 7, (LOINC, FREQUENCY), ()),
    "hads": ("hads", 14, (f"{BASE}/CodeSystem/hads-answer", HADS), ("anxiety", "depression")),
}

PHQ_9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-pro/Questionnaire/mii-qst-pro-phq-9"
# Other publishers' forms: the instrument, and for each of its items the linkIds it may stand under.
FOREIGN = {
    "http://loinc.org/q/44249-1": ("phq-9", [{f"/{code}"} for code in PHQ_9]),
    MII: ("phq-9", [{f"PHQ.{n}", f"PHQ-9.{n}"} for n in range(1, 10)]),
    "Questionnaire/mii-qst-pro-phq-9": ("phq-9", [{f"PHQ.{n}", f"PHQ-9.{n}"} for n in range(1, 10)]),
}


class Refused(Exception):
    """Why a response is not scored, for a person to look at."""


def form_of(canonical):
    """(instrument, foreign items or None) of a canonical, or None where nobody here knows it."""
    url, _, version = (canonical or "").partition("|")
    if url in FOREIGN:
        return FOREIGN[url]
    prefix = f"{BASE}/Questionnaire/"
    name = url[len(prefix) :] if url.startswith(prefix) else None
    if name not in FORMS:
        return None
    if version not in ("", VERSION):
        raise Refused("unknown version")
    return name, None


def only_answer(item):
    """The one answer of an item, None where it was left open."""
    answers = item.get("answer", [])
    if len(answers) > 1:
        raise Refused(f"{item['linkId']}: several answers")
    return answers[0] if answers else None


def value_of(answer, kinds, place):
    values = {key: value for key, value in answer.items() if key.startswith("value")}
    if len(values) != 1 or not set(values) <= set(kinds):
        raise Refused(f"{place}: type")
    return next(iter(values.values()))


def coded(answer, system, codes, place, system_optional=False):
    coding = value_of(answer, ["valueCoding"], place)
    systems = (system, None) if system_optional else (system,)
    if coding.get("system") not in systems or coding.get("code") not in codes:
        raise Refused(f"{place}: no such answer")
    return codes[coding["code"]] if isinstance(codes, dict) else coding["code"]


def own_answers(instrument, items):
    prefix, count, domain, subscales = FORMS[instrument]
    scored = {f"{prefix}-{n}": n - 1 for n in range(1, count + 1)}
    totals = {"score-total", *(f"score-{name}" for name in subscales)}
    answers, seen = [None] * count, set()
    for item in items:
        place = item["linkId"]
        if place in seen:
            raise Refused(f"{place}: repeated")
        seen.add(place)
        answer = only_answer(item)
        if answer is None:
            continue
        if place in scored:
            if isinstance(domain[0], str):
                raw = coded(answer, *domain, place)
            else:
                raw = value_of(answer, ["valueInteger"], place)
                if not domain[0] <= raw <= domain[1]:
                    raise Refused(f"{place}: range")
            answers[scored[place]] = raw
        elif place in totals:
            value_of(answer, ["valueDecimal"], place)
        elif place == "phq9-difficulty" and instrument == "phq-9":
            coded(answer, LOINC, DIFFICULTY, place)
        elif place == "rated-therapist" and instrument == "wai-s-p":
            value_of(answer, ["valueReference"], place)
        else:
            raise Refused(f"{place}: no such item")
    return answers


def foreign_answers(places, items):
    """Items that the declaration does not name are let be: they are somebody else's."""
    answers, seen = [None] * len(places), set()
    for item in items:
        index = next((n for n, names in enumerate(places) if item["linkId"] in names), None)
        if index is None:
            continue
        if index in seen:
            raise Refused(f"{item['linkId']}: repeated")
        seen.add(index)
        answer = only_answer(item)
        if answer is not None:
            answers[index] = coded(answer, LOINC, FREQUENCY, item["linkId"], system_optional=True)
    return answers


def raw_answers(response, form):
    """Raw answers in the order of the printed form; raises Refused for any answer outside the Questionnaire."""
    instrument, places = form
    items = response.get("item", [])
    return own_answers(instrument, items) if places is None else foreign_answers(places, items)


def is_uniform(instrument, answers):
    """All twelve raw answers of an alliance form one and the same extreme."""
    return instrument.startswith("wai-s-") and len(set(answers)) == 1 and answers[0] in (1, 7)
