#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SHARE_HISTORY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SHARE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/analytics/query/calendar.h"
#include "tidemark/catalog/v1/offers.pb.h"

namespace tidemark::analytics {

// Who holds which part of something on one day: ascending by name of the holder, with weights
// that have no common divisor, so that equal parts are equal sets.
struct ShareSet {
  struct Share {
    std::string_view holder;
    uint64_t weight = 0;
    friend bool operator==(const Share&, const Share&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Share& share) {
      return H::combine(std::move(h), share.holder, share.weight);
    }
  };
  std::vector<Share> shares;  // empty: nobody
  friend bool operator==(const ShareSet&, const ShareSet&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const ShareSet& set) {
    return H::combine(std::move(h), set.shares);
  }
};

// ShareHistory: the rights in one product or asset over time, whose days are those of a calendar's
// zone.
class ShareHistory {
 public:
  // Refers to `rights`.
  ShareHistory(const google::protobuf::RepeatedPtrField<catalog::v1::RightsShare>& rights,
               const Calendar& calendar);

  // First instants of the days on which a share begins or ends; ascending.
  const std::vector<int64_t>& bounds() const { return bounds_; }
  // Number of the bounds at or below a time; times of one number have the same shares.
  size_t PieceAt(int64_t time_us) const;
  ShareSet At(int64_t time_us) const;
  // Everyone who has a share on some day.
  void AddHolders(absl::flat_hash_set<std::string_view>* names) const;

 private:
  struct Dated {
    std::string_view holder;
    uint64_t weight = 0;
    int64_t start_us = kBeginningOfTime;
    int64_t end_us = kEndOfTime;
  };
  std::vector<Dated> rights_;  // by name of the holder
  std::vector<int64_t> bounds_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SHARE_HISTORY_H_
