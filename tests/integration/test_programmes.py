"""A pilot programme from draft to selection with real processes: 103 candidacies, assessed and defended, to exactly 68 pilots;
steps out of order or by the wrong role refused; every outcome recomputed here, in plain fractions, from the records alone."""

import json
import random
import unittest
from fractions import Fraction

import grpc

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import programme_steps_pb2 as steps
from tidemark.catalog.v1 import programmes_pb2 as programmes
from tidemark.catalog.v1 import resource_pb2, types_pb2
from tidemark.type.v1 import role_pb2

from stack import Stack

CANDIDACIES, SELECTED = 103, 68
ASSESSMENT, DEFENCE = programmes.ASSESSMENT_ROUND_ASSESSMENT, programmes.ASSESSMENT_ROUND_DEFENCE
NAME = "programmes/pilot-cities"

PROGRAMME = """
name: regions/cn
displayNames: {zh: 中国}
region: {level: NATION}
---
name: programmes/pilot-cities
displayNames: {zh: 国家信息消费试点市（县、区）}
programme:
  call: {texts: {zh: 组织开展信息消费试点}}
  submissions: {start: 2013-07-01, end: 2013-10-01}
  eligibility: {levels: [CITY], within: [regions/cn]}
  criteria:
    - {id: plan, title: {texts: {zh: 方案}}, round: ASSESSMENT, weight: 40}
    - {id: base, title: {texts: {zh: 基础}}, round: ASSESSMENT, weight: 20}
    - {id: talk, title: {texts: {zh: 答辩}}, round: DEFENCE, weight: 40}
  maxScore: 10
  shortlistRule: {cutOff: {value: "20"}, quota: 90, tieBreak: [plan], ties: TAKE_ALL}
  selectionRule: {quota: 68, tieBreak: [talk, plan], ties: EARLIEST}
  term: {start: 2014-01-01, end: 2016-01-01}
"""


class Recount:
    """The ranking of a round from listed records; nothing of it is shared with the catalog's code."""

    def __init__(self, programme, candidacies, assessments, round, taking_part):
        self.criteria = [c for c in programme.criteria if round == DEFENCE or c.round == ASSESSMENT]
        self.rule = programme.selection_rule if round == DEFENCE else programme.shortlist_rule
        self.cut_off = Fraction(self.rule.cut_off.value or 0)
        scores = {}
        for a in assessments:
            for score in a.scores:
                scores.setdefault((a.candidacy, score.criterion), []).append(Fraction(score.score.value))
        self.mean = {key: sum(values) / len(values) for key, values in scores.items()}
        highest = programme.max_score * sum(c.weight for c in self.criteria)
        self.total = {name: 100 * sum(c.weight * self.mean[name, c.id] for c in self.criteria) / highest
                      for name in taking_part}
        self.submitted = {name: (c.submitted.year, c.submitted.month, c.submitted.day)
                          for name, c in candidacies.items()}

    def key(self, name):
        return (self.total[name], *(self.mean[name, c] for c in self.rule.tie_break))

    def rank(self, name):
        return 1 + sum(self.key(other) > self.key(name) for other in self.total)

    def taken(self):
        """Name -> whether it is taken."""
        reach = [n for n in self.total if self.total[n] >= self.cut_off]
        quota, result = self.rule.quota, dict.fromkeys(self.total, False)
        for name in reach:
            better = sum(self.key(o) > self.key(name) for o in reach)
            equal = [o for o in reach if self.key(o) == self.key(name)]
            if better + len(equal) <= quota:
                result[name] = True
            elif better < quota and self.rule.ties == programmes.TIE_RULE_TAKE_ALL:
                result[name] = True
            elif better < quota and self.rule.ties == programmes.TIE_RULE_EARLIEST:
                first = sorted(equal, key=lambda o: (self.submitted[o], o))[:quota - better]
                result[name] = name in first
        return result

    def parting(self, a, b):
        """The first criterion of the tie-break by which two differ; empty: none."""
        return next((c for c in self.rule.tie_break if self.mean[a, c] != self.mean[b, c]), "")


def rounded(value):
    """Half up, to 6 decimals."""
    millionths = (value * 2_000_000 + 1).__floor__() // 2
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def word(enum, number):
    """`TIE_WON` of SELECTION_REASON_TIE_WON."""
    prefixes = {programmes.SelectionReason: "SELECTION_REASON_", programmes.ProgrammeStage: "PROGRAMME_STAGE_"}
    return enum.Name(number).removeprefix(prefixes[enum])


class Programmes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stub = cls.stack.catalog()
        cls.random = random.Random(20131231)
        cls.secret = {}
        for role in ("STEWARD", "ANALYST", "AUDITOR"):
            token = types_pb2.Token(principal=role.lower(), roles=[role_pb2.Role.Value("ROLE_" + role)])
            answer = cls.stub.IssueToken(catalog.IssueTokenRequest(id=role.lower(), token=token),
                                         metadata=cls.stack.metadata())
            cls.secret[role] = answer.secret
        cls.refusals = {}  # what was tried -> (code, message)
        cls.run_programme()

    @classmethod
    def metadata(cls, role):
        return cls.stack.metadata(cls.secret[role])

    @classmethod
    def apply(cls, resources):
        return cls.stub.ApplyResources(catalog.ApplyResourcesRequest(resources=resources),
                                       metadata=cls.metadata("STEWARD"), timeout=60)

    @classmethod
    def get(cls, name, version=0):
        return cls.stub.GetResource(catalog.GetResourceRequest(name=name, version=version),
                                    metadata=cls.metadata("STEWARD"), timeout=60).resource

    @classmethod
    def advance(cls, stage, selection="", role="STEWARD", ranked_at=0):
        return cls.stub.AdvanceProgramme(steps.AdvanceProgrammeRequest(
            programme=NAME, stage=programmes.ProgrammeStage.Value("PROGRAMME_STAGE_" + stage), reason="按通知办理",
            etag=cls.get(NAME).etag, selection_id=selection, ranked_at_version=ranked_at),
            metadata=cls.metadata(role), timeout=60)

    @classmethod
    def rank(cls, round, version=0, explain=()):
        return cls.stub.RankCandidacies(steps.RankCandidaciesRequest(
            programme=NAME, round=round, version=version, explain=explain), metadata=cls.metadata("AUDITOR"), timeout=60)

    @classmethod
    def refuse(cls, what, call):
        try:
            call()
            cls.refusals[what] = (grpc.StatusCode.OK, "")
        except grpc.RpcError as error:
            cls.refusals[what] = (error.code(), error.details())

    @classmethod
    def assess(cls, names, round, criteria):
        """Three assessors each, with few different scores so that there are ties."""
        resources = []
        for name in names:
            for assessor in ("王", "李", "张"):
                assessment = programmes.Assessment(candidacy=name, round=round, assessor=assessor)
                assessment.assessed.year, assessment.assessed.month, assessment.assessed.day = 2013, 11, round
                for criterion in criteria:
                    score = assessment.scores.add(criterion=criterion)
                    score.score.value = cls.random.choice(["4", "5.5", "6", "7", "7.5", "8.125", "9"])
                id = f"{name.split('/')[1]}-{round}-{'wlz'['王李张'.index(assessor)]}"
                resources.append(resource_pb2.Resource(name=f"assessments/{id}", assessment=assessment))
        cls.random.shuffle(resources)
        cls.apply(resources)

    @classmethod
    def hand_in(cls):
        """Candidacies and their cities, each before what it refers to."""
        resources = []
        for i in range(CANDIDACIES):
            region = resource_pb2.Resource(name=f"regions/city-{i:03d}", region=types_pb2.Region(
                level=types_pb2.REGION_LEVEL_CITY, parent="regions/cn"))
            region.display_names["zh"] = f"试点市{i}"
            candidacy = resource_pb2.Resource(name=f"candidacies/city-{i:03d}", candidacy=programmes.Candidacy(
                programme=NAME, candidate=region.name, state=programmes.CANDIDACY_STATE_SUBMITTED))
            day = candidacy.candidacy.submitted
            day.year, day.month, day.day = 2013, cls.random.randint(7, 9), cls.random.randint(1, 30)
            resources += [candidacy, region]
        cls.apply(resources)

    @classmethod
    def run_programme(cls):
        cls.stack.cli("apply", "-f", "-", "--yes", input=PROGRAMME)
        cls.refuse("too early", lambda: cls.advance("SELECTED", "early"))
        cls.refuse("wrong role", lambda: cls.advance("OPEN", role="ANALYST"))
        cls.refuse("auditor", lambda: cls.advance("OPEN", role="AUDITOR"))
        cls.advance("OPEN")
        cls.hand_in()
        cls.refuse("back", lambda: cls.advance("DRAFT"))
        cls.refuse("skips one", lambda: cls.advance("DEFENCE", "skip"))
        cls.advance("ASSESSING")
        cls.refuse("late candidacy", lambda: cls.apply([resource_pb2.Resource(
            name="candidacies/late", candidacy=programmes.Candidacy(
                programme=NAME, candidate="regions/cn", state=programmes.CANDIDACY_STATE_SUBMITTED))]))
        names = [f"candidacies/city-{i:03d}" for i in range(CANDIDACIES)]
        cls.assess(names[:-1], ASSESSMENT, ["plan", "base"])
        cls.unfinished = cls.rank(ASSESSMENT).unfinished
        cls.refuse("unfinished", lambda: cls.advance("DEFENCE", "shortlist"))
        seen = cls.rank(ASSESSMENT).version
        cls.assess(names[-1:], ASSESSMENT, ["plan", "base"])
        cls.refuse("changed", lambda: cls.advance("DEFENCE", "shortlist", ranked_at=seen))
        cls.shortlist = cls.advance("DEFENCE", "shortlist", ranked_at=cls.rank(ASSESSMENT).version)
        cls.finalists = [r.candidacy for r in cls.shortlist.selection.selection.candidacies
                         if r.outcome == programmes.CANDIDACY_OUTCOME_SHORTLISTED]
        cls.assess(cls.finalists, DEFENCE, ["talk"])
        cls.defended = cls.rank(DEFENCE)
        cls.selection = cls.advance("SELECTED", "pilots", ranked_at=cls.defended.version)
        cls.refuse("twice", lambda: cls.advance("SELECTED", "pilots-again"))
        cls.refuse("late assessment", lambda: cls.assess(cls.finalists[:1], DEFENCE, ["talk"]))

    def listed(self, collection, version):
        """Resources of a version by name, through ListResources."""
        found, token = {}, ""
        while True:
            page = self.stub.ListResources(
                catalog.ListResourcesRequest(collection=collection, version=version, page_token=token),
                metadata=self.metadata("AUDITOR"), timeout=60)
            found.update((r.name, r) for r in page.resources)
            token = page.next_page_token
            if not token:
                return found

    def recount(self, selection):
        """The ranking of a selection from the records of the version that it names, and all candidacies."""
        version = selection.decided_at_version
        programme = self.get(NAME, version).programme
        candidacies = {n: r.candidacy for n, r in self.listed("candidacies", version).items()}
        assessments = [r.assessment for r in self.listed("assessments", version).values()]
        taking_part = [n for n, c in candidacies.items() if selection.round == ASSESSMENT
                       or c.outcome == programmes.CANDIDACY_OUTCOME_SHORTLISTED]
        return Recount(programme, candidacies, assessments, selection.round, taking_part), set(candidacies)

    def check_selection(self, selection, yes, no):
        recount, everybody = self.recount(selection)
        taken = recount.taken()
        self.assertEqual({r.candidacy for r in selection.candidacies}, everybody)
        ranked = [r for r in selection.candidacies if r.rank]
        self.assertEqual({r.candidacy for r in ranked}, set(taken))
        self.assertEqual([(r.rank, r.candidacy) for r in ranked], sorted((r.rank, r.candidacy) for r in ranked))
        for r in ranked:
            self.assertEqual(r.rank, recount.rank(r.candidacy), r.candidacy)
            self.assertEqual(r.total.value, rounded(recount.total[r.candidacy]))
            self.assertEqual(r.outcome, yes if taken[r.candidacy] else no, r.candidacy)
            self.check_reason(r, recount, taken)

    def check_reason(self, r, recount, taken):
        name, reason = r.candidacy, word(programmes.SelectionReason, r.reason)
        same_total = [o for o in taken if o != name and recount.total[o] == recount.total[name]]
        parted = {recount.parting(name, o) for o in same_total if taken[o] != taken[name]}
        if recount.total[name] < recount.cut_off:
            self.assertEqual(reason, "BELOW_CUT_OFF")
        elif reason == "TIE_RULE":
            # Equal in everything to others, and the quota could not hold all of them.
            equal = [o for o in same_total if recount.key(o) == recount.key(name)]
            self.assertLess(recount.rank(name) - 1, recount.rule.quota)
            self.assertGreater(recount.rank(name) + len(equal), recount.rule.quota)
        elif parted:
            self.assertEqual(reason, "TIE_WON" if taken[name] else "TIE_LOST")
            self.assertIn(r.decided_by, parted)
        else:
            self.assertEqual(reason, "WITHIN_QUOTA" if taken[name] else "BEYOND_QUOTA")

    def test_exactly_68_of_103_are_selected(self):
        selection = self.selection.selection.selection
        self.assertEqual(len(selection.candidacies), CANDIDACIES)
        chosen = [r.candidacy for r in selection.candidacies if r.outcome == programmes.CANDIDACY_OUTCOME_SELECTED]
        self.assertEqual(len(chosen), SELECTED)
        stored = self.listed("candidacies", 0)
        self.assertEqual({n for n, r in stored.items() if r.candidacy.outcome == programmes.CANDIDACY_OUTCOME_SELECTED},
                         set(chosen))
        # One version holds the stage, the selection and every outcome.
        self.assertEqual(self.get(NAME).programme.stage, programmes.PROGRAMME_STAGE_SELECTED)
        for name in (NAME, "selections/pilots", *chosen):
            self.assertEqual(self.get(name).version, self.selection.version, name)

    def test_the_outcome_follows_from_the_records(self):
        self.check_selection(self.shortlist.selection.selection, programmes.CANDIDACY_OUTCOME_SHORTLISTED,
                             programmes.CANDIDACY_OUTCOME_NOT_SHORTLISTED)
        self.check_selection(self.selection.selection.selection, programmes.CANDIDACY_OUTCOME_SELECTED,
                             programmes.CANDIDACY_OUTCOME_NOT_SELECTED)

    def test_ties_across_the_quota_are_explained(self):
        reasons = {word(programmes.SelectionReason, r.reason)
                   for step in (self.shortlist, self.selection) for r in step.selection.selection.candidacies}
        self.assertLessEqual({"TIE_WON", "TIE_LOST"}, reasons)

    def test_the_ranking_of_then_is_the_selection(self):
        for step in (self.shortlist, self.selection):
            selection = step.selection.selection
            again = self.rank(selection.round, selection.decided_at_version)
            self.assertEqual(again.selection, selection)
            self.assertEqual(list(again.unfinished), [])
            self.assertEqual(self.get(step.selection.name).selection, selection)

    def test_means_are_explained(self):
        name = self.finalists[0]
        recount, _ = self.recount(self.defended.selection)
        ranking = self.rank(DEFENCE, self.defended.version, [name])
        [ranked] = [r for r in ranking.selection.candidacies if r.means]
        self.assertEqual(ranked.candidacy, name)
        self.assertEqual({m.criterion: m.score.value for m in ranked.means},
                         {c: rounded(recount.mean[name, c]) for c in ("plan", "base", "talk")})

    def test_what_is_out_of_order_is_refused(self):
        failed, denied = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.PERMISSION_DENIED
        self.assertEqual({what: code for what, (code, _) in self.refusals.items()}, {
            "too early": failed, "back": grpc.StatusCode.INVALID_ARGUMENT, "skips one": failed, "twice": failed,
            "wrong role": denied, "auditor": denied, "late candidacy": failed, "unfinished": failed,
            "changed": grpc.StatusCode.ABORTED, "late assessment": failed})
        last = f"candidacies/city-{CANDIDACIES - 1:03d}"
        self.assertEqual(list(self.unfinished), [last])
        self.assertIn(last, self.refusals["unfinished"][1])

    def test_the_steps_are_on_record(self):
        record = self.get(NAME).programme.steps
        self.assertEqual([word(programmes.ProgrammeStage, s.to) for s in record],
                         ["OPEN", "ASSESSING", "DEFENCE", "SELECTED"])
        self.assertEqual({(s.principal, s.role, s.reason) for s in record},
                         {("steward", role_pb2.ROLE_STEWARD, "按通知办理")})
        self.assertEqual([s.selection for s in record], ["", "", "selections/shortlist", "selections/pilots"])
        self.assertEqual(record[3].decided_at_version, self.selection.version - 1)

    def test_it_is_the_same_after_a_restart(self):
        before = self.rank(DEFENCE)
        self.stack.restart("catalog")
        type(self).stub = self.stack.catalog()
        self.assertEqual(self.rank(DEFENCE), before)
        self.assertEqual(self.get("selections/pilots").selection, self.selection.selection.selection)

    def test_the_command_line_shows_and_ranks(self):
        shown = self.stack.cli("programme", "show", "pilot-cities").stdout
        self.assertIn("stage selected", shown)
        self.assertIn("103 candidacies", shown)
        self.assertIn(f"{SELECTED} selected", shown)
        self.assertIn("selections/pilots", shown)
        done = self.stack.cli("programme", "rank", NAME, "--round", "defence", "--at-version", str(self.defended.version),
                              "--explain", self.finalists[0], "-o", "json")
        rows = json.loads(done.stdout)
        self.assertEqual([(r["candidacy"], r["rank"] or 0) for r in rows],
                         [(r.candidacy, r.rank) for r in self.defended.selection.candidacies])
        self.assertEqual(sum(r["outcome"] == "selected" for r in rows), SELECTED)
        self.assertEqual([r["candidacy"] for r in rows if r["means"]], [self.finalists[0]])
        self.assertTrue(all(r["candidate"].startswith("试点市") for r in rows))


class CommandLine(unittest.TestCase):
    """Steps of another programme, by `tidemark programme advance`."""

    def test_steps_are_shown_asked_for_and_taken(self):
        with Stack(redis=False) as stack:
            stack.cli("apply", "-f", "-", "--yes", input=PROGRAMME)
            step = ["programme", "advance", "pilot-cities", "open", "--reason", "通知"]
            told = stack.cli(*step, "--dry-run").stdout
            self.assertEqual(told, f"{NAME}: draft to open\n")
            unasked = stack.cli(*step, check=False)
            self.assertEqual((unasked.returncode, "--yes" in unasked.stderr), (2, True))
            taken = json.loads(stack.cli(*step, "--yes", "-o", "json").stdout)
            self.assertEqual([(r["programme"], r["from"], r["to"]) for r in taken], [(NAME, "draft", "open")])
            again = stack.cli(*step, "--yes", check=False)
            self.assertEqual(again.returncode, 4)
            self.assertIn("is in stage OPEN already", again.stderr)
            unknown = stack.cli(*step[:3], "assess", *step[4:], "--yes", check=False)
            self.assertEqual(unknown.returncode, 2)
            self.assertIn("assessing", unknown.stderr)


if __name__ == "__main__":
    unittest.main()
