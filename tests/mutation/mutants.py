"""Faults to plant: each is one small change of the code that a good property test must notice."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    # Which test must notice it: "property", the property test against SQL, or "recount", the recounts of plain events in C++.
    by: str = "property"
    # Of recounts: the test; empty: those of all.
    test: str = ""

    def planted_in(self, text):
        if text.count(self.old) != 1:
            raise SystemExit(f"{self.name}: `{self.old}` stands {text.count(self.old)} times in {self.file}, want once")
        return text.replace(self.old, self.new)


ANALYTICS = "services/analytics/"
MUTANTS = [
    Mutant("as_of_includes_one_more", ANALYTICS + "store/scan_block.cc",
           "return effective_[i] < limit; });", "return effective_[i] <= limit; });"),
    Mutant("slice_end_belongs_to_slice", ANALYTICS + "store/slice_finder.cc",
           "time >= current->end_us) {", "time > current->end_us) {"),
    Mutant("late_events_lost", ANALYTICS + "store/slice_finder.cc",
           "const int64_t time = times[i];",
           "const int64_t time = times[i];\n"
           "    if (i + 1 == n && n > 1) { periods[i] = kDropped; continue; }"),
    Mutant("quantile_rank_rounds_down", ANALYTICS + "store/quantile_search.cc",
           "* n + 9'999) / 10'000", "* n + 5'000) / 10'000"),
    Mutant("week_53_has_a_base_of_its_own", ANALYTICS + "query/calendar.cc",
           "std::min(week, 52)", "week"),
    Mutant("hours_of_utc", ANALYTICS + "query/calendar.cc",
           "FloorDiv(second + span.offset_s, kHourSeconds) * kHourSeconds - span.offset_s;",
           "FloorDiv(second, kHourSeconds) * kHourSeconds;"),
    Mutant("year_earlier_is_two_years_earlier", ANALYTICS + "query/calendar.cc",
           "const absl::CivilDay base(day.year() - 1,", "const absl::CivilDay base(day.year() - 2,"),
    Mutant("negative_base_is_divided_by", ANALYTICS + "query/ratios.cc",
           "Number Growth(int64_t value, int64_t base) {\n  if (base == 0) return {0, NullReason::kZeroBase};\n"
           "  if (base < 0)", "Number Growth(int64_t value, int64_t base) {\n"
           "  if (base == 0) return {0, NullReason::kZeroBase};\n  if (false)"),
    Mutant("partial_periods_grow", ANALYTICS + "query/coverage.cc",
           "coverage.expected == 0 || coverage.complete < coverage.expected || now_us_ <",
           "coverage.expected == 0 || now_us_ <"),
    Mutant("test_sources_count", ANALYTICS + "query/engine_plan.cc",
           "    table->groups[code] = kDropped;\n    query->unseen", "    query->unseen"),
    Mutant("test_sources_make_consumers_known", ANALYTICS + "query/engine_plan.cc",
           "    query->unseen_sources.push_back(static_cast<CodeId>(code));\n  }\n"
           "  if (query->unseen_sources.empty()) return;", "  }"),
    Mutant("members_leave_a_day_late", ANALYTICS + "query/engine_plan.cc",
           "if (start_us < time && time < end_us) times.push_back(time);",
           "if (start_us < time && time < end_us) times.push_back(time + 86'400'000'000);"),
    Mutant("refunds_add_to_quantity", ANALYTICS + "store/sum_layout.cc",
           "recipe.signs[static_cast<int>(Kind::kRefund)] = -1;", "recipe.signs[static_cast<int>(Kind::kRefund)] = 1;"),
    Mutant("refunders_are_consumers", ANALYTICS + "store/distinct_sink.cc",
           "counted_[c] = options.kinds.Has(KindOfClass(c)) ? 0xFF : 0;", "counted_[c] = options.kinds.Has(KindOfClass(c)) || c == 2 ? 0xFF : 0;"),
    Mutant("void_refunds_count", ANALYTICS + "domain/linked_events.cc",
           "fits ? EffectKind::kRefund : EffectKind::kVoidRefund;", "EffectKind::kRefund;"),
    Mutant("refunds_are_judged_as_they_come", ANALYTICS + "domain/linked_events.cc",
           "if (x != y) return x < y;",
           "if (x != y) return records_[Effective(a)].leaf < records_[Effective(b)].leaf;"),
    Mutant("a_void_refund_uses_up_its_original", ANALYTICS + "domain/linked_events.cc",
           "if (fits) left -= record.amount;", "left -= record.amount;"),
    Mutant("a_refund_keeps_its_own_fields", ANALYTICS + "domain/linked_events.cc",
           "Verdict verdict{record.leaf, EffectKind::kUncounted, records_[fields].leaf};",
           "Verdict verdict{record.leaf, EffectKind::kUncounted, record.leaf};"),
    Mutant("resolved_refunds_stay_pending", ANALYTICS + "domain/link_fold.cc",
           "if (change.had) AddCopies(effective, change.before, /*negative=*/true);", ""),
    Mutant("cohorts_lie_in_the_period_of_the_refund", ANALYTICS + "store/raw_chunk.cc",
           "if (!copy.time_of_fields) values[kTimeSlot] = event[kTimeSlot];", "values[kTimeSlot] = event[kTimeSlot];"),
    Mutant("copies_are_forgotten_when_runs_are_written", ANALYTICS + "store/run_builder.cc",
           "if (IsOwnClass(classes[i]))", "if (IsOwnClass(classes[i]) && row_ % 2 == 0)"),
    Mutant("linked_refunds_are_unlinked", ANALYTICS + "store/sum_layout.cc",
           "return {SumColumn::kAmount, Plus({Kind::kUnlinkedRefund})};",
           "return {SumColumn::kAmount, Plus({Kind::kUnlinkedRefund, Kind::kRefund})};"),
    Mutant("refunds_add_to_net", ANALYTICS + "query/measures.cc",
           "__builtin_sub_overflow(gross[i], refunds[i],", "__builtin_add_overflow(gross[i], refunds[i],"),
    Mutant("days_begin_at_midnight_utc", ANALYTICS + "query/calendar.cc",
           "std::max(span.from_s, midnight - span.offset_s) * kSecond",
           "std::max(span.from_s, midnight - span.offset_s / kDaySeconds) * kSecond"),
    Mutant("as_of_time_leaves_its_record_out", ANALYTICS + "store/snapshot_index.cc",
           "return b.accepted_time_us <= accepted_time_us;", "return b.accepted_time_us < accepted_time_us;"),
    Mutant("zero_bases_give_no_growth", ANALYTICS + "query/ratios.cc",
           "Number Growth(int64_t value, int64_t base) {\n  if (base == 0) return {0, NullReason::kZeroBase};",
           "Number Growth(int64_t value, int64_t base) {\n  if (base == 0) return {0};"),
    Mutant("what_stopped_selling_vanishes", ANALYTICS + "query/empty_cells.cc",
           "bases = {period.prev, period.yoy};", "bases = {period.yoy};"),
    Mutant("silence_is_a_base_of_zero", ANALYTICS + "query/cell_facts.cc",
           "!CoverageOf(static_cast<uint32_t>(base.period), cell).reported", "false"),
    Mutant("silence_is_zero", ANALYTICS + "query/cell_facts.cc",
           "values->nulls[cell] = NullReason::kNotReported;", "values->nulls[cell] = NullReason::kNone;"),
    Mutant("shares_are_of_the_whole", ANALYTICS + "query/standings.cc",
           "const size_t dimensions = whole.dimension < 0 ? 0 : plan.dimensions.size();",
           "const size_t dimensions = whole.dimension < 0 ? 0 : 0 * plan.dimensions.size();"),
    Mutant("shares_skip_their_level", ANALYTICS + "query/standings.cc",
           "if (whole.level == 0) return wider_of;", "if (whole.level >= 0) return wider_of;"),
    Mutant("nulls_come_first_descending", ANALYTICS + "query/table.cc",
           "return key.IsNull(row) ? 1 : 0;", "return key.IsNull(row) != key.descending ? 1 : 0;"),
    Mutant("limit_keeps_one_less", ANALYTICS + "query/table.cc",
           "rows(cuts ? limit : count);", "rows(cuts ? limit - 1 : count);"),
    Mutant("pages_overlap", ANALYTICS + "api/query_handler.cc",
           "PageToken{options_.store->log_id(), at.log_size, page.end}",
           "PageToken{options_.store->log_id(), at.log_size, page.end > 1 ? page.end - 1 : page.end}"),
    Mutant("ties_are_ranked_apart", ANALYTICS + "query/standings.cc",
           "ranks[placed[i].row] = tie ? ranks[placed[i - 1].row] : static_cast<int64_t>(i) + 1;",
           "ranks[placed[i].row] = tie && false ? 0 : static_cast<int64_t>(i) + 1;"),
    Mutant("unallocated_is_ranked", ANALYTICS + "query/standings.cc",
           "if (engine_plan.groups[d][result.groups[d][cell]].kind != MemberKind::kCode) return false;",
           "if (engine_plan.groups[d][result.groups[d][cell]].kind == MemberKind::kUnknown) return false;"),
]
