// One event of a batch: read and judged in one pass, where that is possible, it gets the verdict
// and the row that it gets by the usual way.
#include <google/protobuf/stubs/logging.h>

#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/ledger/leaf.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/submission.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ingest {
namespace {

constexpr int64_t kNowUs = 1'800'000'000'000'000;

// What the seeds name, so that they are good.
std::shared_ptr<const catalog_client::CatalogView> View() {
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Source("platform-1");
  catalog.Scheme("account", catalog_client::SchemeClass::kAccount,
                 catalog_client::Normalisation::kTrim);
  catalog.Region("gbt2260-330200", catalog_client::RegionLevel::kCity);
  auto& retired = catalog.Region("r", catalog_client::RegionLevel::kCity);
  catalog_client::SetDate({2024, 1, 1}, retired.mutable_valid()->mutable_end());
  catalog.Category("c");
  return catalog.View();
}

// Judges batch after batch as one submission does.
class Judging {
 public:
  std::string VerdictOf(std::string_view request,
                        const std::shared_ptr<const catalog_client::CatalogView>& view) {
    const auto envelope = ReadEnvelope(request);
    FUZZ_CHECK(envelope.ok() && envelope->events == 1, "a request of one event");
    FUZZ_CHECK(submission_
                   .Judge({.request = request,
                           .events = 1,
                           .columns = {},
                           .principal = "fuzzer",
                           .view = view,
                           .reference = {.now_us = kNowUs,
                                         .may_use_source = [](std::string_view) { return true; },
                                         .dry_run = false},
                           .with_receipts = false})
                   .ok(),
               "it is judged");
    if (submission_.rows().empty()) {
      FUZZ_CHECK(submission_.rejected().size() == 1, "a row or a refusal");
      const Rejection& refused = submission_.rejected()[0].rejection;
      return absl::StrCat(NameOf(refused.reason), " ", NameOf(refused.field), " ", refused.message);
    }
    std::string leaf;
    const absl::Status encoded = ledger::EncodeLeaf(submission_.rows().Record(0), key_, &leaf);
    FUZZ_CHECK(encoded.ok(), encoded.ToString());
    return leaf;
  }

 private:
  const ledger::HmacKey key_{"key"};
  OpenCodes open_codes_;
  PlainJudges plain_judges_{&open_codes_};
  Submission submission_{&key_, &open_codes_, &plain_judges_};
};

// A request of one event, and `behind` it. In memory that ends where it does.
std::string VerdictOf(Judging& judging, std::string_view event, std::string_view behind,
                      const std::shared_ptr<const catalog_client::CatalogView>& view) {
  std::string request = "\x0a";
  size_t size = event.size();
  for (; size >= 0x80; size >>= 7) request.push_back(static_cast<char>(size | 0x80));
  request.push_back(static_cast<char>(size));
  absl::StrAppend(&request, event, behind);
  const std::unique_ptr<char[]> bytes(new char[request.size()]);
  std::memcpy(bytes.get(), request.data(), request.size());
  return judging.VerdictOf({bytes.get(), request.size()}, view);
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  static const auto* view = new std::shared_ptr<const catalog_client::CatalogView>(View());
  // Both learn the same codes: the cap of a day is counted in each. Made anew now and then, so that
  // inputs do not depend on all that came before.
  static auto* plain = new std::unique_ptr<Judging>;
  static auto* usual = new std::unique_ptr<Judging>;
  static int count = 0;
  if (count++ % 256 == 0) {
    *plain = std::make_unique<Judging>();
    *usual = std::make_unique<Judging>();
  }
  // A request_id behind the event: the last bytes of a request are never read in one pass.
  const std::string got = VerdictOf(**plain, bytes, "\x12\x10iiiiiiiiiiiiiiii", *view);
  const std::string want = VerdictOf(**usual, bytes, "", *view);
  FUZZ_CHECK(got == want, absl::StrCat(got, "\n  by the usual way: ", want));
}

}  // namespace tidemark::ingest
