#ifndef TIDEMARK_SERVICES_INGEST_TESTING_SAMPLE_EVENTS_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_SAMPLE_EVENTS_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>

namespace tidemark::catalog_client {
class CatalogBuilder;
}

namespace tidemark::ingest {

// Fills a catalog with what SampleEvents names: observatory from 2020 in CNY, 8 sources
// `platform-N`, 350 regions, 60 categories, scheme `account` (trimmed) and transaction scheme
// `txn`. The version is left open.
void AddSampleCatalog(catalog_client::CatalogBuilder* catalog);

// Events as a platform sends them, as wire bytes: heavy-tailed codes, 3 % refunds that name an
// earlier event. The same seed gives the same events.
class SampleEvents {
 public:
  explicit SampleEvents(uint64_t seed) : random_(seed) {}

  // Appends one event to a SubmitEventsRequest's bytes.
  void AppendTo(std::string* request);
  // A request of `count` events.
  std::string Request(size_t count);

 private:
  uint64_t Skewed(uint64_t n);

  std::mt19937_64 random_;
  uint64_t next_id_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_SAMPLE_EVENTS_H_
