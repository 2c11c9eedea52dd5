"""What a hospital holds, read from Bundles and NDJSON, and who belongs to the programme, since when and cared for by whom."""

import json
import os

import dates

BASE = "https://w3id.org/vincle"
LEVEL = f"{BASE}/CodeSystem/stepped-care-level"
PURPOSE = f"{BASE}/CodeSystem/consent-purpose"
IN_ERROR = "entered-in-error"


def target(reference):
    """`Type/id` of a literal, relative reference; None for any other."""
    text = (reference or {}).get("reference", "")
    parts = text.split("/")
    return text if len(parts) == 2 and all(parts) else None


def resources_in(folder):
    """(resource, which of the writes it came with) in the order of the files' names: a transaction is one write."""
    write = 0
    for directory, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            path = os.path.join(directory, name)
            if name.endswith(".ndjson"):
                with open(path, encoding="utf-8") as lines:
                    found = [json.loads(line) for line in lines if line.strip()]
            elif name.endswith(".json"):
                with open(path, encoding="utf-8") as file:
                    found = [json.load(file)]
            else:
                continue
            for one in found:
                if not isinstance(one, dict) or "resourceType" not in one:
                    continue
                write += 1
                for resource in [it["resource"] for it in one.get("entry", [])] if one["resourceType"] == "Bundle" else [one]:
                    yield resource, write


class Hospital:
    def __init__(self, study, episode_type):
        self.study, self.episode_type = study, episode_type
        self.held, self.changed, self.by_subject = {}, {}, {}

    def take(self, folder, stage):
        """PUTs everything in a folder: what is sent again as it stands is no change."""
        for resource, write in resources_in(folder):
            name = f"{resource['resourceType']}/{resource['id']}"
            if self.held.get(name) != resource:
                self.changed[name] = resource.get("meta", {}).get("lastUpdated") or f"{stage:04d}-{write:08d}"
                self.held[name] = resource
        self.by_subject = {}
        for resource in self.held.values():
            about = resource.get("subject") or resource.get("patient") or resource.get("individual")
            if isinstance(about, dict):
                self.by_subject.setdefault((resource["resourceType"], target(about)), []).append(resource)

    def about(self, kind, patient):
        found = self.by_subject.get((kind, patient), [])
        return sorted((it for it in found if it.get("status") != IN_ERROR), key=lambda it: it["id"])

    def person(self, reference):
        """The Patient or Practitioner behind a reference; of a role, the one who holds it."""
        name = target(reference)
        if name is not None and name.startswith("PractitionerRole/"):
            return target(self.held.get(name, {}).get("practitioner"))
        return name if name is not None and name.split("/")[0] in ("Patient", "Practitioner") else None

    def memberships(self, patient):
        """What puts a patient into the programme: by ResearchSubject, by EpisodeOfCare, by stepped-care CarePlan."""
        subjects = [it for it in self.about("ResearchSubject", patient) if target(it.get("study")) == self.study]
        system, _, code = (self.episode_type or "|").rpartition("|")

        def of_type(episode):
            codings = [c for concept in episode.get("type", []) for c in concept.get("coding", [])]
            return any(c.get("code") == code and (not system or c.get("system") == system) for c in codings)

        episodes = [it for it in self.about("EpisodeOfCare", patient) if self.episode_type and of_type(it)]
        plans = [
            it
            for it in self.about("CarePlan", patient)
            if any(c.get("system") == LEVEL for concept in it.get("category", []) for c in concept.get("coding", []))
        ]
        return subjects, episodes, plans

    def in_programme(self, patient):
        return patient in self.held and any(self.memberships(patient))

    def inclusion(self, patient):
        """Start of the earliest ResearchSubject, else EpisodeOfCare, else stepped-care CarePlan, as a day in Madrid."""
        for source in self.memberships(patient):
            starts = [dates.read(it.get("period", {}).get("start")) for it in source]
            days = [it.day for it in starts if it is not None]
            if days:
                return min(days)
        return None

    def treating(self, patient, day):
        """Practitioners who care for a patient on a day."""
        found = set()
        episodes, plans = self.about("EpisodeOfCare", patient), self.about("CarePlan", patient)
        for episode in episodes:
            if dates.during(episode.get("period"), day):
                found.add(self.person(episode.get("careManager")))
        named = [target(it) for whole in episodes for it in whole.get("team", [])]
        named += [target(it) for whole in plans for it in whole.get("careTeam", [])]
        teams = {it["id"]: it for it in self.about("CareTeam", patient)}
        teams.update({self.held[name]["id"]: self.held[name] for name in named if name in self.held})
        for team in teams.values():
            if team.get("status") in (IN_ERROR, "proposed") or not dates.during(team.get("period"), day):
                continue
            for member in team.get("participant", []):
                if dates.during(member.get("period"), day):
                    found.add(self.person(member.get("member")))
        return sorted(it for it in found if it is not None and it.startswith("Practitioner/"))

    def therapists_of_programme(self):
        """Everybody who cares, or once cared, for somebody of the programme."""
        found = set()
        for (kind, patient), resources in self.by_subject.items():
            if kind not in ("EpisodeOfCare", "CareTeam") or not self.in_programme(patient):
                continue
            for it in resources:
                found.add(self.person(it.get("careManager")))
                found.update(self.person(member.get("member")) for member in it.get("participant", []))
        return found - {None}

    def denied(self, patient, moment):
        """Whether digital follow-up was denied by then."""
        for consent in self.about("Consent", patient):
            purposes = [c for concept in consent.get("category", []) for c in concept.get("coding", [])]
            concerns = any(c.get("system") == PURPOSE and c.get("code") == "digital-follow-up" for c in purposes)
            denies = consent.get("provision", {}).get("type") == "deny"
            if consent.get("status") != "active" or not concerns or not denies:
                continue
            since = dates.read(consent.get("provision", {}).get("period", {}).get("start") or consent.get("dateTime"))
            if since is None or since.utc <= moment.utc:
                return True
        return False
