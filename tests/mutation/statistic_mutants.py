"""Faults of named statistics and of geography, which the recounts of plain events in C++ must notice."""

from mutants import ANALYTICS, Mutant

STATISTICS = ANALYTICS + "statistics/"


def fault(name, file, old, new):
    return Mutant(name, file, old, new, by="recount")


STATISTIC_MUTANTS = [
    fault("unplaced_flows_leave", STATISTICS + "flows/place_sums.cc",
          "members_[a].kind == MemberKind::kCode && members_[b].kind == MemberKind::kCode;", "true;"),
    fault("own_consumption_flows_out", STATISTICS + "flows/place_sums.cc", "} else if (same) {", "} else if (same && !placed) {"),
    fault("net_is_outflow", STATISTICS + "flows/flows.cc",
          'add("net", [](const PlaceSums& s) { return s.in - s.out; })', 'add("net", [](const PlaceSums& s) { return s.out - s.in; })'),
    fault("residents_visit_themselves", STATISTICS + "flows/visitors.cc", " || same[ends[0]] == ends[1]) {", ") {"),
    fault("visitors_count_once_per_residence", STATISTICS + "flows/visitors.cc",
          "visited.erase(std::unique(visited.begin(), visited.end()), visited.end());", ""),
    fault("members_of_the_first_day", STATISTICS + "flows/integration.cc",
          "TableAt(*context.view, *codes, group, times[piece], otherwise)", "TableAt(*context.view, *codes, group, times[0], otherwise)"),
    fault("only_members_themselves", STATISTICS + "flows/integration.cc",
          "while (at != kNone && member_of[at] == kNoMember) at = view.regions()[at].parent;",
          "if (at != kNone && member_of[at] == kNoMember) at = kNone;"),
    fault("sequence_without_end", STATISTICS + "co_consumption/shared_consumers.cc",
          " && b.first_us - a.first_us <= within_us_) ++then_", ") ++then_"),
    fault("sequence_backwards", STATISTICS + "co_consumption/shared_consumers.cc",
          "if (b.first_us >= a.first_us && b.first_us - a.first_us", "if (b.first_us <= a.first_us && a.first_us - b.first_us"),
    fault("lift_of_pairs_alone", STATISTICS + "co_consumption/co_consumption.cc",
          "static_cast<__int128>(shared) * period->consumers,", "static_cast<__int128>(shared) * shared,"),
    fault("jaccard_counts_both_twice", STATISTICS + "co_consumption/co_consumption.cc",
          "Quotient(shared, x + y - shared, kZero)", "Quotient(shared, x + y, kZero)"),
    fault("goods_pair_with_goods", STATISTICS + "co_consumption/co_consumption.cc",
          "if (!question_.goods_and_services) return true;", "return true;"),
    fault("holdings_of_the_first_day", STATISTICS + "concentration/concentration.cc",
          "holdings_.Top(*provider, pieces_[result_.period[cell]].time_us)", "holdings_.Top(*provider, pieces_[0].time_us)"),
    fault("holdings_end_one_step_up", STATISTICS + "concentration/holdings.cc",
          "    at = next;\n", "    at = next;\n    break;\n"),
    fault("sources_share_provider_codes", STATISTICS + "concentration/holdings.cc",
          "for (const std::string_view of : {source, std::string_view()}) {\n    const auto found",
          "for (const std::string_view of : {source.substr(0, 0), std::string_view()}) {\n    const auto found"),
    fault("gini_in_any_order", STATISTICS + "divide/inequality.cc",
          "static_cast<__int128>(a.value) * b.population <\n", "static_cast<__int128>(a.value) * b.population >\n"),
    fault("theil_within_the_whole", STATISTICS + "divide/inequality.cc",
          "within.Add(share, PerHeadRatio(own, parts[group.part]));", "within.Add(share, PerHeadRatio(own, all));"),
    fault("groups_without_people_count", STATISTICS + "divide/divide.cc", "          others += value.gross;\n          continue;\n",
          "          others += value.gross;\n          whole += value.gross;\n          continue;\n"),
    fault("gaps_count_the_last_period", STATISTICS + "availability.cc",
          "positions[place.last] - positions[place.first] + 1 - place.periods", "positions[place.last] - positions[place.first] + 2 - place.periods"),
    fault("successors_from_the_next_day", ANALYTICS + "query/boundaries.cc",
          "at.succeeded_us > *fixed_us_", "at.succeeded_us + 86'400'000'000 > *fixed_us_"),
    fault("successors_one_step", ANALYTICS + "query/boundaries.cc", "    region = at.whole_successor;\n", "    return at.whole_successor;\n"),
    fault("members_at_event_though_fixed", ANALYTICS + "query/boundaries.h",
          "return fixed_us_.value_or(time_us);", "return time_us;"),
    fault("parents_keep_their_code", ANALYTICS + "query/boundaries.cc",
          "return Of(view_.regions()[region].parent);", "return view_.regions()[region].parent;"),
    fault("scope_is_fixed_too", ANALYTICS + "query/engine_plan.cc",
          "filter.at_event || plan.geographies.empty();", "plan.geographies.empty();"),
    fault("bases_of_their_own_geography", ANALYTICS + "query/plan_panels.cc",
          "if (plan_.periods[static_cast<size_t>(base->period)].geography == geography) return;", "if (geography < 1'000'000) return;"),
    fault("matched_by_the_first_geography", ANALYTICS + "query/plan_panels.cc",
          "periods_of_[found->second].geography = geography;", "periods_of_[found->second].geography = 0;"),
    fault("years_to_date_by_the_first_geography", ANALYTICS + "query/plan_panels.cc",
          "part.geography = geography;", "part.geography = geography * 0;"),
    fault("compared_at_event", ANALYTICS + "query/plan_geography.cc",
          ": Compares(query)         ? Geography::kPeriodEnd", ": Compares(query)         ? Geography::kAtEvent"),
]
