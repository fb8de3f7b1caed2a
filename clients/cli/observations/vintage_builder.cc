#include "clients/cli/observations/vintage_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::observations {
namespace {

using catalog::v1::Resource;
using catalog::v1::Vintage;
using catalog::v1::VintageRegion;
using catalog::v1::VintageSeries;

// Below what the catalog takes, 50,000 cells and 1 MiB, with room for what stands around the cells.
constexpr int kMostCells = 50'000;
constexpr size_t kMostBytes = 960 * 1024;
// Of the tag and length of a region or series.
constexpr size_t kFrameBytes = 8;

struct Size {
  int cells = 0;
  size_t bytes = 0;
  bool Fits() const { return cells <= kMostCells && bytes <= kMostBytes; }
  Size operator+(const Size& other) const { return {cells + other.cells, bytes + other.bytes}; }
};

Size SizeOf(const VintageSeries& series) {
  Size size = {.bytes = series.ByteSizeLong() + kFrameBytes};
  for (const VintageRegion& region : series.regions()) size.cells += region.cells_size();
  return size;
}

class Builder {
 public:
  explicit Builder(const Vintage& about) : about_(about) { Next(); }

  absl::Status Add(VintageSeries series) {
    const Size size = SizeOf(series);
    if (!(size_ + size).Fits() && size_.cells > 0) Next();
    if (size.Fits()) {
      size_ = size_ + size;
      *vintages_.back().add_series() = std::move(series);
      return absl::OkStatus();
    }
    if (about_.complete()) {
      return absl::InvalidArgumentError(absl::StrCat(
          series.series(), ": ", size.cells, " cells in ", size.bytes,
          " bytes; a vintage that is complete states all of a series and holds at most "
          "50,000 cells and 1 MiB: leave `complete` out"));
    }
    return Split(series);
  }

  std::vector<Vintage> Take() { return std::move(vintages_); }

 private:
  void Next() {
    if (!vintages_.empty() && vintages_.back().series().empty()) return;
    vintages_.push_back(about_);
    size_ = {};
  }

  absl::Status Split(VintageSeries& series) {
    VintageSeries part;
    Size part_size;
    for (VintageRegion& region : *series.mutable_regions()) {
      const Size size = {region.cells_size(), region.ByteSizeLong() + kFrameBytes};
      if (!size.Fits()) {
        return absl::InvalidArgumentError(
            absl::StrCat(series.series(), " in ", region.region(), ": ", size.cells,
                         " cells, more than a vintage holds; import the file in parts"));
      }
      if (!(part_size + size).Fits()) {
        *vintages_.back().add_series() = std::move(part);
        Next();
        part = {};
        part_size = {};
      }
      part.set_series(series.series());
      part_size = part_size + size;
      *part.add_regions() = std::move(region);
    }
    size_ = part_size;
    *vintages_.back().add_series() = std::move(part);
    return absl::OkStatus();
  }

  const Vintage& about_;
  std::vector<Vintage> vintages_;
  Size size_;
};

}  // namespace

absl::StatusOr<std::vector<Resource>> BuildVintages(const std::string& id, const Vintage& about,
                                                    const StatedSeries& stated) {
  if (stated.empty()) return absl::InvalidArgumentError("the file states no cell");
  Builder builder(about);
  for (const auto& [name, regions] : stated) {
    VintageSeries series;
    series.set_series(name);
    for (const auto& [region_name, cells] : regions) {
      VintageRegion& region = *series.add_regions();
      region.set_region(region_name);
      for (const auto& [days, cell] : cells) *region.add_cells() = cell;
    }
    absl::Status added = builder.Add(std::move(series));
    if (!added.ok()) return added;
  }
  std::vector<Vintage> vintages = builder.Take();
  std::vector<Resource> resources;
  for (size_t i = 0; i < vintages.size(); ++i) {
    Resource& resource = resources.emplace_back();
    resource.set_name(absl::StrCat("vintages/", id));
    if (vintages.size() > 1) absl::StrAppend(resource.mutable_name(), "-", i + 1);
    *resource.mutable_vintage() = std::move(vintages[i]);
  }
  return resources;
}

}  // namespace tidemark::observations
