#include "services/ingest/domain/open_codes_loader.h"

#include <utility>
#include <vector>

#include "clients/cpp/ledger/column.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

void LearnColumn(const ledger::TextColumn& sources, const std::vector<uint64_t>& source_keys,
                 const ledger::TextColumn& column, OpenList list, OpenCodes* codes) {
  uint32_t last_source = 0;
  uint32_t last_code = 0;
  for (size_t row = 0; row < column.index.size(); ++row) {
    const uint32_t source = sources.index[row];
    const uint32_t code = column.index[row];
    if (code == 0 || (source == last_source && code == last_code)) continue;
    codes->Learn(source_keys[source], list, column.entries[code]);
    last_source = source;
    last_code = code;
  }
}

}  // namespace

absl::Status LearnOpenCodes(ledger::BlockReader& block, OpenCodes* codes) {
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, block.Text(ledger::Column::kSource));
  std::vector<uint64_t> source_keys;
  source_keys.reserve(sources.entries.size());
  for (const std::string_view source : sources.entries) {
    source_keys.push_back(codes->SourceKey(source));
  }
  static constexpr std::pair<ledger::Column, OpenList> kLists[] = {
      {ledger::Column::kProduct, OpenList::kProduct},
      {ledger::Column::kProvider, OpenList::kProvider},
      {ledger::Column::kPaymentMethod, OpenList::kPaymentMethod},
      {ledger::Column::kAgeBand, OpenList::kAgeBand},
      {ledger::Column::kIncomeBand, OpenList::kIncomeBand},
  };
  for (const auto& [name, list] : kLists) {
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn column, block.Text(name));
    LearnColumn(sources, source_keys, column, list, codes);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
