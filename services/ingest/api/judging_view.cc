#include "services/ingest/api/judging_view.h"

#include <algorithm>
#include <thread>

#include "absl/time/time.h"
#include "common/base/countdown.h"
#include "common/status/error.h"

namespace tidemark::ingest {
namespace {

// How long to wait at most, and between looks.
constexpr absl::Duration kViewPatience = absl::Milliseconds(200);
constexpr absl::Duration kViewPoll = absl::Milliseconds(2);

}  // namespace

CatalogStamp StampOf(const catalog_client::CatalogView& view) {
  CatalogStamp stamp{.version = view.version()};
  std::copy_n(view.hash().begin(), std::min(view.hash().size(), stamp.hash.size()),
              stamp.hash.begin());
  return stamp;
}

void AwaitNewerView(const ViewSource& views, uint64_t version) {
  const base::Countdown countdown(kViewPatience);
  while (countdown.Left() > absl::ZeroDuration()) {
    const auto view = views.View();
    if (!view.ok() || (*view)->version() > version) return;
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kViewPoll));
  }
}

absl::Status CatalogChangesTooFast() {
  return status::WithRetryAfter(
      absl::UnavailableError("the catalog changes too fast to judge the batch; try again"),
      absl::Seconds(1));
}

}  // namespace tidemark::ingest
