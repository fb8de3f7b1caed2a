#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_MAKER_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_MAKER_H_

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/observations/observation_index.h"
#include "services/catalog/observations/stated_cells.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {

// Makes the observations of one answer. Keeps what cells of a vintage share; not thread-safe.
class ObservationMaker {
 public:
  explicit ObservationMaker(const Catalog* catalog) : catalog_(catalog) {}

  // The one whose cells are made from now on. Errors: those of the store.
  absl::Status SetSeries(const std::string& name);

  // `statement`: the one that the cell is of.
  void Make(std::string_view region, const StatedCell& cell, const SeriesStatement& statement,
            v1::Observation* observation);

  // Bytes of the note's LocalText; empty for 0.
  std::string_view NoteOf(const StatedVintage& vintage, uint32_t note);

 private:
  struct Shared {
    v1::Citation source;
    std::vector<std::string_view> notes;
  };
  const Shared& SharedOf(const StatedVintage& vintage);

  const Catalog* catalog_;
  std::string series_;
  v1::Unit unit_;
  absl::flat_hash_map<const StatedVintage*, std::unique_ptr<Shared>> shared_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_MAKER_H_
