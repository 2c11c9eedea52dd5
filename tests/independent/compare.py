"""Observations of a server against expected ones, value by value."""

import json
from datetime import datetime
from decimal import Decimal

MEASURE = "https://w3id.org/vincle/CodeSystem/measure"
DERIVED = "https://w3id.org/vincle/identifier/derived"
OWN_REASON = "https://w3id.org/vincle/CodeSystem/absent-reason"
RATING_USE = "https://w3id.org/vincle/CodeSystem/rating-use"


def code_of(concept, system=MEASURE):
    return next((it.get("code") for it in (concept or {}).get("coding", []) if it.get("system") == system), None)


def reason_of(concept):
    """Vincle's own word where there is one, else HL7's."""
    own = code_of(concept, OWN_REASON)
    return own or next((it.get("code") for it in (concept or {}).get("coding", [])), None)


def value_in(element):
    if "dataAbsentReason" in element:
        return {"absent": reason_of(element["dataAbsentReason"])}
    if "valueQuantity" in element:
        return Decimal(element["valueQuantity"]["value"])
    if "valueCodeableConcept" in element:
        return element["valueCodeableConcept"]["coding"][0]["code"]
    return next((value for key, value in element.items() if key.startswith("value")), None)


def read(observation):
    """An Observation in the shape of an expectation."""
    value = value_in(observation)
    absent = value["absent"] if isinstance(value, dict) else None
    focus = [it["reference"] for it in observation.get("focus", [])]
    tags = [it.get("code") for it in observation.get("meta", {}).get("tag", []) if it.get("system") == RATING_USE]
    return {
        "code": code_of(observation["code"]),
        "subject": observation.get("subject", {}).get("reference"),
        "focus": focus[0] if focus else None,
        "performer": sorted(it["reference"] for it in observation.get("performer", [])),
        "effective": observation.get("effectiveDateTime"),
        "status": observation.get("status"),
        "value": None if absent else value,
        "absent": absent,
        "components": {code_of(it["code"]): value_in(it) for it in observation.get("component", [])},
        "notCounted": "not-counted" in tags,
        "derivedFrom": sorted(it["reference"] for it in observation.get("derivedFrom", [])),
    }


def same(name, expected, actual):
    if name == "notCounted" and expected is None:
        return True
    if name == "effective" and expected != actual and None not in (expected, actual):
        # Only a time that came without its zone is written otherwise than it came.
        return "T" in expected and "T" in actual and instant(expected) == instant(actual)
    if isinstance(actual, Decimal):
        return isinstance(expected, str) and Decimal(expected) == actual
    return type(expected) is type(actual) and expected == actual


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def fields(expectation):
    flat = {name: value for name, value in expectation.items() if name not in ("id", "components")}
    return {**flat, **{f"component {name}": value for name, value in expectation["components"].items()}}


def differences(expected, path):
    """A line for each difference; of what is entered in error only that it is."""
    with open(path, encoding="utf-8") as lines:
        held = [json.loads(line, parse_float=Decimal, parse_int=int) for line in lines if line.strip()]
    actual, found = {}, []
    for it in held:
        ids = [one["value"] for one in it.get("identifier", []) if one.get("system") == DERIVED]
        if it["resourceType"] != "Observation" or not ids:
            continue
        if ids[0] in actual:
            found.append(f"{ids[0]}: stands twice")
        actual[ids[0]] = read(it)
    for key in sorted(expected.keys() | actual.keys()):
        want, have = expected.get(key), actual.get(key)
        if want is None:
            found.append(f"{key}: {have['code']} {have['status']} was not expected")
        elif have is None:
            found.append(f"{key}: {want['code']} of {want['derivedFrom']} is missing")
        elif want["status"] == "entered-in-error" or have["status"] == "entered-in-error":
            if want["status"] != have["status"]:
                found.append(f"{key}: {want['code']} status {have['status']}, expected {want['status']}")
        else:
            mine, theirs = fields(want), fields(have)
            for name in sorted(mine.keys() | theirs.keys()):
                if not same(name, mine.get(name), theirs.get(name)):
                    found.append(f"{key}: {want['code']} {name} {theirs.get(name)}, expected {mine.get(name)}")
    return found
