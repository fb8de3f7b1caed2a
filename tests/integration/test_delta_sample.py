"""The facts of deploy/samples/yangtze-delta come back as typed fields, and applying them twice changes nothing."""

import json
import os
import unittest

from stack import ROOT, Stack

SAMPLES = os.path.join(ROOT, "deploy", "samples")
APPLY = ("apply", "-f", os.path.join(SAMPLES, "regions", "china.yaml"), "-f", os.path.join(SAMPLES, "yangtze-delta"), "--yes")


def day(year, month, day):
    return {"year": year, "month": month, "day": day}


def period(grain, year, month, day_of_month=1, count=None):
    made = {"grain": f"PERIOD_GRAIN_{grain}", "start": day(year, month, day_of_month)}
    return {**made, "count": count} if count else made


def money(power):
    return {"kind": "UNIT_KIND_MONEY", "currency": "CNY", "powerOfTen": power}


def cell(vintage, series):
    """Of a vintage that states one cell of the series."""
    return f"vintages/{vintage}", f"vintage.series[series=observationSeries/{series}].regions[0].cells[0]"


# What was reported -> the resource, and where in it what stands.
FACTS = {
    "103 applied, 68 selected": ("programmes/information-consumption-pilot-2013", {
        "programme.declaredCandidacies": 103, "programme.declaredSelected": 68, "programme.recorded": True,
        "programme.stage": "PROGRAMME_STAGE_CLOSED"}),
    "the term of the pilot": ("programmes/information-consumption-pilot-2013", {
        "programme.term": {"start": day(2014, 1, 1), "end": day(2016, 1, 1)}}),
    "Xining is among them": ("candidacies/xining-2013", {
        "candidacy.candidate": "regions/cn-6301", "candidacy.outcome": "CANDIDACY_OUTCOME_SELECTED"}),
    "carried by four levels": ("programmes/information-consumption-pilot-2013", {
        "programme.actors": [f"PROGRAMME_ACTOR_{actor}" for actor in ("GOVERNMENT", "INDUSTRY", "ENTERPRISE", "COMMUNITY")]}),
    "6 contents, 13 key projects": ("candidacies/xining-2013", {
        "candidacy.declaredContents": 6, "candidacy.declaredProjects": 13,
        "candidacy.contents[0].title.texts.en": "Information infrastructure"}),
    "a key project": ("projects/xining-broadband", {
        "project.kind": "PROJECT_KIND_KEY", "project.candidacy": "candidacies/xining-2013"}),
    "what information consumption is": ("indicators/information-consumption", {
        "indicator.officialConcept": "OFFICIAL_CONCEPT_INFORMATION_CONSUMPTION",
        "indicator.formula.measure.filters[0].codes": ["DIRECT", "INDIRECT"]}),
    "6.552 billion yuan in three quarters": (*cell("xining-2013-q3", "xining-information-consumption"), {
        "value.value": "65.52", "period": period("QUARTER", 2013, 1, count=3)}),
    "its unit": ("observationSeries/xining-information-consumption", {
        "observationSeries.unit": money(8), "observationSeries.form": "SERIES_FORM_LEVEL"}),
    "its growth of 20 %": (*cell("xining-2013-q3", "xining-information-consumption-growth"), {
        "value.value": "20", "period": period("QUARTER", 2013, 1, count=3)}),
    "who stated it": ("vintages/xining-2013-q3", {
        "vintage.source.authority": "organisations/xining-economic-commission",
        "vintage.source.publisher": "organisations/xinhua-xining", "vintage.source.publishedQualifier": "QUALIFIER_ABOUT"}),
    "12.5 billion yuan in 2015": ("targets/xining-information-consumption-2015", {
        "target.quantitative.value.value": "125", "target.quantitative.unit": money(8),
        "target.quantitative.kind": "GOAL_KIND_AT_LEAST", "target.due": period("YEAR", 2015, 1)}),
    "at or close to 10 % of GDP": ("targets/xining-share-of-gdp-2015", {
        "target.quantitative.value.value": "10", "target.quantitative.tolerance.value": "1",
        "target.quantitative.kind": "GOAL_KIND_ABOUT", "target.quantitative.unit": {"kind": "UNIT_KIND_PERCENT"}}),
    "fields of use": ("policies/xining-fields", {
        "policy.lines[*].id": ["finance", "education", "health", "transport", "commerce", "social-security"],
        "policy.lines[0].kind": "POLICY_LINE_KIND_FIELD"}),
    "guidelines of 2013 and 2017": ("policies/information-consumption-2017", {
        "policy.issued": period("YEAR", 2017, 1), "policy.continues": ["policies/information-consumption-2013"],
        "policy.issuers": ["organisations/state-council"]}),
    "their lines of action": ("policies/information-consumption-2013", {
        "policy.lines[*].id": ["infrastructure", "supply", "demand", "public-services", "environment"],
        "policy.lines[2].title.texts.zh": "信息消费需求"}),
    "11 demonstration cities": ("regionGroups/delta-demonstration-cities", {
        "regionGroup.declaredCount": 11,
        "regionGroup.members[*].member": [f"regions/cn-{code}" for code in ("31", "3201", "3301", "3401", "3302")]}),
    **{f"demonstration project {name}": (f"projects/{id}", {
        "project.kind": "PROJECT_KIND_DEMONSTRATION", "project.regions": ["regions/cn-3302"], "displayNames.en": name})
        for id, name in (("ningbo-cloud-hospital", "Ningbo Cloud Hospital"), ("china-plastics-online", "China Plastics Online"),
                         ("sea-fresh", "Sea Fresh"), ("tweet-rescue", "Tweet Rescue"))},
    "the Ningbo station of 2021": ("activities/city-tour-2021-ningbo", {
        "activity.kinds": ["ACTIVITY_KIND_TOUR_STATION", "ACTIVITY_KIND_EXPERIENCE_DAY"],
        "activity.held": {"start": day(2021, 10, 16), "end": day(2021, 10, 17)},
        "activity.parents": ["activities/world-digital-economy-conference-2021", "activities/smart-city-expo-11"],
        "activity.theme.texts.en": "Digitalisation leading new consumption",
        "activity.parties[*].role": ["PARTY_ROLE_ORGANISER", "PARTY_ROLE_PRESENT"]}),
    "the 11th expo": ("activities/smart-city-expo-11", {"activity.edition": 11, "activity.kinds": ["ACTIVITY_KIND_EXPO"]}),
    "the conference of 2020": ("activities/world-digital-economy-conference-2020", {
        "activity.held.start": day(2020, 9, 11)}),
    "the 10th expo": ("activities/smart-city-expo-10", {"activity.edition": 10}),
    "the forum of 2020": ("activities/new-smart-city-forum-2020", {
        "activity.kinds": ["ACTIVITY_KIND_FORUM"], "activity.held.start": day(2020, 9, 12)}),
    "the Blockchain Service Network": ("projects/blockchain-service-network", {
        "project.kind": "PROJECT_KIND_INFRASTRUCTURE", "project.regions": ["regions/cn"]}),
    "the conference in Wuzhen": ("activities/delta-conference-2023", {
        "activity.regions": ["regions/cn-3304"], "activity.held.start": day(2023, 11, 9)}),
    "the report of 2023": ("policies/delta-development-report-2023", {
        "policy.kind": "POLICY_KIND_REPORT", "policy.issued": period("DAY", 2023, 11, 9)}),
    "nearly 30 % of the digital economy": (*cell("delta-report-2023", "delta-digital-economy-share"), {
        "value.value": "30", "qualifier": "QUALIFIER_NEARLY", "period": period("YEAR", 2022, 1)}),
    "about 3/5 of integrated circuits": (*cell("delta-report-2023", "delta-integrated-circuits-share"), {
        "value.value": "3", "divisor": 5, "qualifier": "QUALIFIER_ABOUT"}),
    "about 1/3 of artificial intelligence": (*cell("delta-report-2023", "delta-artificial-intelligence-share"), {
        "value.value": "1", "divisor": 3, "qualifier": "QUALIFIER_ABOUT"}),
    "shares are of the nation": ("observationSeries/delta-digital-economy-share", {
        "observationSeries.wholeRegion": "regions/cn", "observationSeries.form": "SERIES_FORM_SHARE"}),
    "16.5 % a year over ten years": (*cell("delta-report-2023", "jiaxing-core-digital-growth"), {
        "value.value": "16.5", "period": period("YEAR", 2013, 1, count=10)}),
    "of production, not consumption": ("indicators/core-digital-value-added", {
        "indicator.officialConcept": "OFFICIAL_CONCEPT_CORE_DIGITAL_VALUE_ADDED", "indicator.formula": None}),
    "over 700 digital applications": (*cell("delta-report-2023", "jiaxing-digital-applications"), {
        "value.value": "700", "qualifier": "QUALIFIER_MORE_THAN"}),
    "two of them by name": ("batches/jiaxing-digital-apps", {
        "batch.members": ["digitalApps/xingfujia", "digitalApps/weijiayuan"], "batch.declaredCount": 700,
        "batch.declaredCountQualifier": "QUALIFIER_MORE_THAN"}),
    "the first batch of 19 scenarios": ("batches/delta-scenarios-first", {
        "batch.declaredCount": 19, "batch.collection": "scenarios",
        "batch.parties[0]": {"party": "organisations/delta-alliance", "role": "PARTY_ROLE_ANNOUNCER"}}),
    "the alliance of three provinces and one city": ("organisations/delta-alliance", {
        "organisation.kind": "ORGANISATION_KIND_ALLIANCE",
        "organisation.members[*].party": ["regions/cn-31", "regions/cn-32", "regions/cn-33", "regions/cn-34"]}),
    "16 node cities": ("regionGroups/wuzhen-node-cities", {"regionGroup.declaredCount": 16}),
    "they founded the Wuzhen Dialogue": ("cooperations/wuzhen-dialogue", {
        "cooperation.kind": "COOPERATION_KIND_MECHANISM",
        "cooperation.parties": [{"party": "regionGroups/wuzhen-node-cities", "role": "PARTY_ROLE_FOUNDER"}]}),
    "what they do every year": ("cooperations/wuzhen-dialogue", {
        "cooperation.commitments[*].id": ["forums", "results", "guest-cities", "carriers", "social"],
        "cooperation.commitments[0].every": "PERIOD_GRAIN_YEAR"}),
    "the dual-carbon initiative": ("cooperations/dual-carbon-data", {"cooperation.kind": "COOPERATION_KIND_INITIATIVE"}),
    "who initiated the culture-and-tourism initiative": ("cooperations/digital-culture-tourism", {
        "cooperation.parties[*].party": ["regions/cn-310101", "regions/cn-3201", "regions/cn-3301", "regions/cn-3401"],
        "cooperation.parties[0].role": "PARTY_ROLE_INITIATOR",
        "cooperation.scenarios": ["scenarios/one-card-culture-tourism"]}),
    "online retail of January and February 2023": (*cell("cn-online-retail-2023-02", "cn-online-retail"), {
        "value.value": "20544", "period": period("MONTH", 2023, 1, count=2)}),
    "its growth of 6.2 %": (*cell("cn-online-retail-2023-02", "cn-online-retail-growth"), {"value.value": "6.2"}),
    "which compares like with like": ("observationSeries/cn-online-retail-growth", {
        "observationSeries.basis": "SERIES_BASIS_COMPARABLE", "observationSeries.publisher": "organisations/nbs"}),
    "the day of publication": ("vintages/cn-online-retail-2023-02", {"vintage.source.published": day(2023, 4, 17)}),
    "new forms": ("policies/new-forms-2023", {
        "policy.lines[id=metaverse].kind": "POLICY_LINE_KIND_FORM",
        "policy.lines[id=digital-collectibles].title.texts.zh": "数字藏品"}),
    "inclusive service": ("policies/new-forms-2023", {
        "policy.lines[id=inclusive-rural].audience": [{"dimension": "area_type", "code": "RURAL"},
                                                      {"dimension": "income_band", "code": "low"}]}),
    "what drives demand": ("policies/new-forms-2023", {
        "policy.lines[id=gigabit-home].parent": "technology", "policy.lines[id=policy-5g].kind": "POLICY_LINE_KIND_DRIVER"}),
    "the third goods expo closed on 15 April 2023": ("activities/consumer-goods-expo-3", {
        "activity.edition": 3, "activity.held": {"end": day(2023, 4, 16)}}),
    "the three lines of Ningbo": ("policies/ningbo-lines-2021", {
        "policy.lines[*].id": ["supply", "demand", "environment"], "policy.lines[0].title.texts.en": "Increase supply"}),
}


def look(value, path):
    """`a.b[0].c`, `a[*].b` for the list of all, `a[id=x].b` for the one element; None where there is nothing."""
    head, _, rest = path.partition(".")
    if head.endswith("]"):
        name, _, which = head[:-1].partition("[")
        items = value.get(name, [])
        if which == "*":
            return [look(item, rest) if rest else item for item in items]
        if "=" in which:
            key, _, wanted = which.partition("=")
            value = next(item for item in items if item[key] == wanted)
        else:
            value = items[int(which)]
    else:
        value = value.get(head)
    return look(value, rest) if rest and value is not None else value


class DeltaSample(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(Stack(redis=False))
        cls.applied = cls.stack.cli(*APPLY).stdout

    def test_a_second_apply_changes_nothing(self):
        self.assertRegex(self.applied, r"\d+ to create, 0 to update, 0 unchanged")
        again = self.stack.cli(*APPLY).stdout
        self.assertRegex(again, r"^0 to create, 0 to update, \d+ unchanged\n$")


def fact_test(name, prefix, fields):
    def test(self):
        [resource] = json.loads(self.stack.cli("get", name, "-o", "json").stdout)
        for path, wanted in fields.items():
            self.assertEqual(look(resource, f"{prefix}.{path}" if prefix else path), wanted, path)
    return test


for title, (name, *prefix, fields) in FACTS.items():
    setattr(DeltaSample, f"test_fact: {title}", fact_test(name, prefix[0] if prefix else "", fields))


if __name__ == "__main__":
    unittest.main()
