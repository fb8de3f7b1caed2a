#include "services/ingest/domain/control_totals.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/local_days.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {
namespace {

using catalog_client::EntityType;
using catalog_client::Source;

std::string DayText(int32_t day) {
  return absl::FormatCivilTime(catalog_client::kFirstCivilDay + day);
}

class Checker {
 public:
  explicit Checker(const ControlTotalsContext& context)
      : context_(context),
        days_(context.view->observatory()->time_zone),
        today_(days_.DayOf(context.now_us)) {}

  absl::StatusOr<ledger::SourceDay> Check(size_t position, const SentTotals& sent) {
    entry_ = absl::StrCat("totals[", position, "]");
    TM_ASSIGN_OR_RETURN(const Source* const source, CheckSource(sent.source));
    TM_ASSIGN_OR_RETURN(const int32_t day, CheckDay(sent, *source));
    TM_RETURN_IF_ERROR(CheckSums(sent));
    if (!seen_.insert({source->id, day}).second) {
      return Bad("day",
                 absl::StrCat(DayText(day), " of source ", Quoted(sent.source),
                              " is in the request twice; send one entry per source and day"),
                 "DUPLICATE_ENTRY");
    }
    return ledger::SourceDay{.source = sent.source,
                             .day = day,
                             .events = sent.events,
                             .gross = sent.gross,
                             .refunds = sent.refunds};
  }

 private:
  absl::Status Bad(std::string_view field, std::string_view message,
                   std::string_view reason) const {
    return status::InvalidArgument(absl::StrCat(entry_, ".", field), message, reason);
  }

  absl::StatusOr<const Source*> CheckSource(std::string_view id) const {
    if (id.empty()) return Bad("source", "missing; want the id of a source", "FIELD_REQUIRED");
    // Scope comes first: a caller learns nothing about sources that are not its own.
    if (!context_.may_use_source(id)) {
      return status::WithReason(
          absl::PermissionDeniedError(absl::StrCat(
              entry_, ".source: ", Quoted(id),
              " is outside the scope of the token; use a token issued for this source")),
          NameOf(Reason::kSourceNotAllowed));
    }
    const Source* const source = context_.view->sources().Find(id);
    if (source != nullptr) return source;
    return Bad("source",
               absl::StrCat(Quoted(id), " is not a source of the catalog",
                            context_.view->NearestHint(EntityType::kSource, id)),
               NameOf(Reason::kUnknownSource));
  }

  absl::StatusOr<int32_t> CheckDay(const SentTotals& sent, const Source& source) {
    const std::optional<int32_t> day = catalog_client::DayNumber(sent.year, sent.month, sent.day);
    if (!day.has_value()) {
      return Bad("day",
                 absl::StrCat(sent.year, "-", sent.month, "-", sent.day,
                              " is no day of the calendar; want year, month and day"),
                 "INVALID_DATE");
    }
    if (*day > today_) {
      return Bad("day",
                 absl::StrCat(DayText(*day), " is in the future; it is ", DayText(today_),
                              " in the observatory's zone, a day is closed once it has begun"),
                 NameOf(Reason::kTimeInFuture));
    }
    const int64_t begin_us = days_.StartOf(*day);
    const int64_t end_us = days_.StartOf(*day + 1);
    if (end_us <= context_.view->observatory()->start_us) {
      return Bad("day", absl::StrCat(DayText(*day), " is before the observatory's start"),
                 NameOf(Reason::kBeforeObservatoryStart));
    }
    if (end_us <= source.reports.start_us || source.reports.end_us <= begin_us) {
      return Bad("day",
                 absl::StrCat(DayText(*day), " is outside the days that source ", Quoted(source.id),
                              " reports, see the catalog"),
                 NameOf(Reason::kOutsideReportingWindow));
    }
    return *day;
  }

  absl::Status CheckSums(const SentTotals& sent) const {
    if (sent.events > static_cast<uint64_t>(INT64_MAX)) {
      return Bad("events", absl::StrCat(sent.events, "; want at most 2^63 - 1"),
                 NameOf(Reason::kOutOfRange));
    }
    for (const auto& [field, sum] :
         {std::pair("gross", sent.gross), std::pair("refunds", sent.refunds)}) {
      if (sum < 0) {
        return Bad(field, absl::StrCat(sum, " is negative; both sums are of positive amounts"),
                   NameOf(Reason::kOutOfRange));
      }
      if (sum > 0 && sent.events == 0) {
        return Bad(field, absl::StrCat(sum, ", but no events; want 0, or the number of events"),
                   NameOf(Reason::kOutOfRange));
      }
    }
    return absl::OkStatus();
  }

  const ControlTotalsContext& context_;
  catalog_client::LocalDays days_;
  const int32_t today_;
  std::string entry_;
  absl::flat_hash_set<std::pair<std::string_view, int32_t>> seen_;
};

}  // namespace

absl::StatusOr<std::vector<ledger::SourceDay>> CheckControlTotals(
    std::span<const SentTotals> totals, const ControlTotalsContext& context) {
  if (totals.empty() || totals.size() > kMaxControlTotals) {
    return status::InvalidArgument(
        "totals", absl::StrCat(totals.size(), " entries; want 1 to ", kMaxControlTotals),
        NameOf(Reason::kOutOfRange));
  }
  Checker checker(context);
  std::vector<ledger::SourceDay> days;
  days.reserve(totals.size());
  for (size_t i = 0; i < totals.size(); ++i) {
    TM_ASSIGN_OR_RETURN(days.emplace_back(), checker.Check(i, totals[i]));
  }
  return days;
}

}  // namespace tidemark::ingest
