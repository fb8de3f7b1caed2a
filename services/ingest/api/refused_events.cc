#include "services/ingest/api/refused_events.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "clients/cpp/catalog/local_days.h"

namespace tidemark::ingest {
namespace {

class Counter {
 public:
  explicit Counter(const RefusedEventsContext& context)
      : context_(context),
        days_(context.view->observatory()->time_zone),
        today_(days_.DayOf(context.now_us)),
        end_us_(days_.StartOf(today_ + 1)) {}

  void Add(std::string_view source, int64_t event_time_us, std::string_view reason,
           std::string_view field) {
    source = Known(source);
    ++counts_[{source, today_, true, reason, field}];
    const bool has_day =
        context_.view->observatory()->start_us <= event_time_us && event_time_us < end_us_;
    if (source.empty() || !has_day) return;
    ++counts_[{source, days_.DayOf(event_time_us), false, reason, field}];
  }

  std::vector<RefusedCount> Take() const {
    std::vector<RefusedCount> out;
    out.reserve(counts_.size());
    for (const auto& [key, count] : counts_) {
      const auto& [source, day, by_arrival, reason, field] = key;
      out.push_back({.source = std::string(source),
                     .day = day,
                     .by_arrival = by_arrival,
                     .reason = std::string(reason),
                     .field = std::string(field),
                     .count = count});
    }
    return out;
  }

 private:
  using Key = std::tuple<std::string_view, int32_t, bool, std::string_view, std::string_view>;

  // Empty: unknown.
  std::string_view Known(std::string_view source) {
    if (source == last_source_) return last_known_;
    last_source_ = source;
    const bool known = !source.empty() && context_.may_use_source(source) &&
                       context_.view->sources().Find(source) != nullptr;
    return last_known_ = known ? source : std::string_view();
  }

  const RefusedEventsContext& context_;
  catalog_client::LocalDays days_;
  const int32_t today_;
  const int64_t end_us_;
  std::string_view last_source_;
  std::string_view last_known_;
  // Few: sources and reasons repeat.
  std::map<Key, uint64_t> counts_;
};

}  // namespace

std::vector<RefusedCount> CountRefusedEvents(const Submission& submission,
                                             const AppendResult& result,
                                             const RefusedEventsContext& context) {
  if (submission.rejected().empty() && result.exceptions.empty()) return {};
  Counter counter(context);
  for (const Submission::Rejected& rejected : submission.rejected()) {
    counter.Add(rejected.source, rejected.event_time_us, NameOf(rejected.rejection.reason),
                NameOf(rejected.rejection.field));
  }
  for (const RowException& exception : result.exceptions) {
    const std::string_view source = submission.rows().source(exception.row);
    const int64_t time_us = submission.rows().event_time_us(exception.row);
    switch (exception.outcome) {
      case Outcome::kDuplicate:
        counter.Add(source, time_us, kDuplicateReason, "");
        break;
      case Outcome::kConflict:
        counter.Add(source, time_us, NameOf(Reason::kContentConflict), exception.field);
        break;
      case Outcome::kTooManyWaiting:
        counter.Add(source, time_us, NameOf(Reason::kTooManyWaitingRefunds),
                    NameOf(Field::kOriginal));
        break;
    }
  }
  return counter.Take();
}

}  // namespace tidemark::ingest
