#include "services/catalog/observations/row_reader.h"

#include <algorithm>
#include <tuple>

namespace tidemark::catalog {
namespace {

size_t PlaceOf(const StatedRegions& regions, std::string_view region) {
  const auto place = std::lower_bound(
      regions.begin(), regions.end(), region,
      [](const StatedRegion& stated, std::string_view sought) { return stated.region < sought; });
  return static_cast<size_t>(place - regions.begin());
}

}  // namespace

RowReader::RowReader(const std::vector<SeriesStatement>& statements,
                     const std::vector<std::string>& regions, std::string_view from)
    : statements_(statements),
      regions_(regions),
      region_(std::lower_bound(regions.begin(), regions.end(), from)) {
  if (regions_.empty()) {
    for (uint32_t i = 0; i < statements_.size(); ++i) {
      Push(i, PlaceOf(*statements_[i].regions, from));
    }
  }
  Next();
}

bool RowReader::Later(const Cursor& a, const Cursor& b) {
  return std::tie(b.region, b.statement, b.at) < std::tie(a.region, a.statement, a.at);
}

void RowReader::Push(uint32_t statement, size_t at) {
  const StatedRegions& regions = *statements_[statement].regions;
  if (at == regions.size()) return;
  cursors_.push_back({regions[at].region, statement, at});
  std::push_heap(cursors_.begin(), cursors_.end(), Later);
}

void RowReader::Next() {
  row_.parts.clear();
  if (regions_.empty()) {
    NextOfAll();
  } else {
    NextOfSome();
  }
}

void RowReader::NextOfAll() {
  if (cursors_.empty()) return;
  row_.region = cursors_.front().region;
  while (!cursors_.empty() && cursors_.front().region == row_.region) {
    std::pop_heap(cursors_.begin(), cursors_.end(), Later);
    const Cursor cursor = cursors_.back();
    cursors_.pop_back();
    row_.parts.push_back(
        {cursor.statement, (*statements_[cursor.statement].regions)[cursor.at].body});
    Push(cursor.statement, cursor.at + 1);
  }
}

void RowReader::NextOfSome() {
  for (; region_ != regions_.end() && row_.parts.empty(); ++region_) {
    row_.region = *region_;
    for (uint32_t i = 0; i < statements_.size(); ++i) {
      const StatedRegions& stated = *statements_[i].regions;
      for (size_t at = PlaceOf(stated, *region_); at < stated.size(); ++at) {
        if (stated[at].region != *region_) break;
        row_.parts.push_back({i, stated[at].body});
      }
    }
  }
}

}  // namespace tidemark::catalog
