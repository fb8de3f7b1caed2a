#ifndef TIDEMARK_CLIENTS_CPP_GRANTS_FAKE_USE_BOOK_H_
#define TIDEMARK_CLIENTS_CPP_GRANTS_FAKE_USE_BOOK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "tidemark/catalog/v1/grant_use.pb.h"

namespace tidemark::grants {

// What the catalog does with reports, in memory; for tests.
class FakeUseBook {
 public:
  enum class Fault {
    kNone,
    // As if the catalog were away.
    kNotSent,
    // Counted, but the answer is lost.
    kNotAnswered,
    kRefused,
  };

  absl::StatusOr<catalog::v1::ReportUseResponse> Report(
      const catalog::v1::ReportUseRequest& request) {
    base::MutexLock lock(mutex_);
    requests_.push_back(request);
    if (fault_ == Fault::kNotSent) return absl::UnavailableError("away");
    if (fault_ == Fault::kRefused) return absl::NotFoundError("no such grant");
    catalog::v1::ReportUseResponse response;
    response.set_repeated_batch(request.uses_size() > 0 &&
                                request.batch() <= last_[request.reporter()]);
    if (!response.repeated_batch() && request.uses_size() > 0) {
      last_[request.reporter()] = request.batch();
      for (const auto& use : request.uses()) units_[use.grant()] += use.units();
    }
    const auto add = [&](const std::string& grant) {
      catalog::v1::GrantTotal& total = *response.add_totals();
      total.set_grant(grant);
      total.set_units(units_[grant]);
    };
    for (const auto& use : request.uses()) add(use.grant());
    for (const auto& grant : request.totals_of()) add(grant);
    if (fault_ == Fault::kNotAnswered) return absl::DeadlineExceededError("too late");
    return response;
  }
  void Set(Fault fault) {
    base::MutexLock lock(mutex_);
    fault_ = fault;
  }
  uint64_t units(const std::string& grant) {
    base::MutexLock lock(mutex_);
    return units_["grants/" + grant];
  }
  void AddByOthers(const std::string& grant, uint64_t units) {
    base::MutexLock lock(mutex_);
    units_["grants/" + grant] += units;
  }
  std::vector<catalog::v1::ReportUseRequest> requests() {
    base::MutexLock lock(mutex_);
    return requests_;
  }

 private:
  base::Mutex mutex_;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  std::map<std::string, uint64_t> last_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> units_ ABSL_GUARDED_BY(mutex_);
  std::vector<catalog::v1::ReportUseRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::grants

#endif  // TIDEMARK_CLIENTS_CPP_GRANTS_FAKE_USE_BOOK_H_
