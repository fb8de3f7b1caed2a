#include "services/catalog/observations/observation_maker.h"

#include <algorithm>
#include <memory>

#include "common/status/status_macros.h"
#include "services/catalog/observations/stated_bytes.h"

namespace tidemark::catalog {

absl::Status ObservationMaker::SetSeries(const std::string& name) {
  series_ = name;
  // Units cannot change once there are cells, so the newest is that of every version.
  TM_ASSIGN_OR_RETURN(const ResourcePtr resource,
                      catalog_->Get("series", name, catalog_->head().version));
  v1::ObservationSeries series;
  if (const auto* document = std::get_if<Document>(&resource->content)) {
    series.ParsePartialFromString(document->bytes);
  }
  unit_ = series.unit();
  return absl::OkStatus();
}

const ObservationMaker::Shared& ObservationMaker::SharedOf(const StatedVintage& vintage) {
  std::unique_ptr<Shared>& shared = shared_[&vintage];
  if (shared != nullptr) return *shared;
  shared = std::make_unique<Shared>();
  const std::string_view source = TextOf(vintage.bytes(), v1::Vintage::kSourceFieldNumber);
  shared->source.ParsePartialFromArray(source.data(), static_cast<int>(source.size()));
  shared->source.clear_quote();
  ForEachElement(vintage.bytes(), v1::Vintage::kNotesFieldNumber,
                 [&](std::string_view note) { shared->notes.push_back(note); });
  return *shared;
}

std::string_view ObservationMaker::NoteOf(const StatedVintage& vintage, uint32_t note) {
  const std::vector<std::string_view>& notes = SharedOf(vintage).notes;
  return note == 0 || note > notes.size() ? std::string_view() : notes[note - 1];
}

void ObservationMaker::Make(std::string_view region, const StatedCell& cell,
                            const SeriesStatement& statement, v1::Observation* observation) {
  v1::VintageCell stated;
  stated.ParsePartialFromArray(cell.bytes.data(), static_cast<int>(cell.bytes.size()));
  observation->set_series(series_);
  observation->set_region(std::string(region));
  *observation->mutable_period() = PeriodOf(cell.days);
  if (stated.has_value()) observation->mutable_value()->Swap(stated.mutable_value());
  observation->set_divisor(std::max(stated.divisor(), uint32_t{1}));
  *observation->mutable_unit() = unit_;
  observation->set_qualifier(stated.qualifier() == v1::QUALIFIER_UNSPECIFIED ? v1::QUALIFIER_EXACT
                                                                             : stated.qualifier());
  observation->set_status(stated.status() == v1::OBSERVATION_STATUS_UNSPECIFIED
                              ? v1::OBSERVATION_STATUS_NORMAL
                              : stated.status());
  observation->set_break_before(stated.break_before());
  if (const std::string_view note = NoteOf(*statement.vintage, stated.note()); !note.empty()) {
    observation->mutable_note()->ParsePartialFromArray(note.data(), static_cast<int>(note.size()));
  }
  observation->set_vintage(statement.vintage->resource->name);
  *observation->mutable_source() = SharedOf(*statement.vintage).source;
}

}  // namespace tidemark::catalog
