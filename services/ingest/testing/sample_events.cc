#include "services/ingest/testing/sample_events.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {

void AddSampleCatalog(catalog_client::CatalogBuilder* catalog) {
  catalog->Observatory("Asia/Shanghai", {2020, 1, 1});
  for (int i = 0; i < 8; ++i) catalog->Source(absl::StrCat("platform-", i));
  catalog->Scheme("account", catalog_client::SchemeClass::kAccount,
                  catalog_client::Normalisation::kTrim);
  catalog->Scheme("txn", catalog_client::SchemeClass::kTransaction,
                  catalog_client::Normalisation::kNone);
  for (int i = 0; i < 350; ++i) {
    catalog->Region(absl::StrCat("gbt2260-", 110100 + 100 * i), catalog_client::RegionLevel::kCity);
  }
  for (int i = 0; i < 60; ++i) catalog->Category(absl::StrCat("category-", i));
}

uint64_t SampleEvents::Skewed(uint64_t n) {
  const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
  return static_cast<uint64_t>(std::pow(u, 3) * static_cast<double>(n));
}

void SampleEvents::AppendTo(std::string* request) {
  v1::SubmitEventsRequest one;
  v1::Event& event = *one.add_events();
  const uint64_t number = next_id_++;
  event.set_source(absl::StrCat("platform-", number / 1000 % 8));
  event.set_id(absl::StrFormat("%016x-%08x", number * 0x9E3779B97F4A7C15, number));
  event.set_event_time_us((1704067200 + static_cast<int64_t>(number / 1000)) * 1000000);
  if (random_() % 100 < 3 && number > 8000) {
    event.set_kind(v1::EVENT_KIND_REFUND);
    const uint64_t original = number - 8000;
    event.mutable_original()->set_id(
        absl::StrFormat("%016x-%08x", original * 0x9E3779B97F4A7C15, original));
  } else {
    event.set_kind(v1::EVENT_KIND_PURCHASE);
  }
  event.mutable_consumer()->set_scheme("account");
  event.mutable_consumer()->set_id(absl::StrCat("c", Skewed(2000000)));
  event.set_consumer_region(absl::StrCat("gbt2260-", 110100 + Skewed(350) * 100));
  event.set_provider_region(random_() % 4 > 0
                                ? event.consumer_region()
                                : absl::StrCat("gbt2260-", 110100 + Skewed(350) * 100));
  event.set_category(absl::StrCat("category-", Skewed(60)));
  event.set_product(absl::StrCat("p", Skewed(100000)));
  event.set_segment(static_cast<v1::Segment>(1 + Skewed(3)));
  event.set_channel(static_cast<v1::Channel>(1 + Skewed(3)));
  event.set_payment_method(absl::StrCat("method-", Skewed(6)));
  event.set_age_band(absl::StrCat("band-", Skewed(7)));
  event.set_area_type(static_cast<v1::AreaType>(1 + Skewed(2)));
  event.set_amount(100 + static_cast<int64_t>(Skewed(100000)));
  event.set_quantity(static_cast<int64_t>(1 + Skewed(5)));
  one.AppendToString(request);
}

std::string SampleEvents::Request(size_t count) {
  std::string request;
  for (size_t i = 0; i < count; ++i) AppendTo(&request);
  return request;
}

}  // namespace tidemark::ingest
