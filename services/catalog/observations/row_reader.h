#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_ROW_READER_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_ROW_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/observations/observation_index.h"

namespace tidemark::catalog {

// What statements of a series say of a region.
struct StatedRow {
  struct Part {
    // Position among the statements.
    uint32_t statement;
    // Bytes of the VintageRegion, in those of the vintage.
    std::string_view body;
  };
  std::string_view region;
  // Not empty; as the statements.
  std::vector<Part> parts;
};

// Goes through the rows of a series by region. Costs what it reads: a page does not pay for those
// before and behind it.
class RowReader {
 public:
  // `regions`: ascending, each once; empty: all. From region `from` on. What is given must outlive
  // the reader.
  RowReader(const std::vector<SeriesStatement>& statements, const std::vector<std::string>& regions,
            std::string_view from);

  // Null at the end; else the row that the reader stands at.
  const StatedRow* row() const { return row_.parts.empty() ? nullptr : &row_; }
  void Next();

 private:
  // The next region of a statement.
  struct Cursor {
    std::string_view region;
    uint32_t statement = 0;
    size_t at = 0;
  };
  // For a heap with the first on top.
  static bool Later(const Cursor& a, const Cursor& b);

  void NextOfAll();
  void NextOfSome();
  // Puts a statement into the heap where it goes on from region `at`.
  void Push(uint32_t statement, size_t at);

  const std::vector<SeriesStatement>& statements_;
  const std::vector<std::string>& regions_;
  std::vector<std::string>::const_iterator region_;
  std::vector<Cursor> cursors_;
  StatedRow row_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_ROW_READER_H_
