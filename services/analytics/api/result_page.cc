#include "services/analytics/api/result_page.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/analytics/api/column_titles.h"
#include "services/analytics/api/note_titles.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kNotOnPage = 0xFFFFFFFF;

size_t VarintBytes(uint64_t value) { return (std::bit_width(value | 1) + 6) / 7; }

size_t ZigZagBytes(int64_t value) {
  return VarintBytes((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

template <typename T>
std::string LabelIn(const catalog_client::Table<T>& table, std::string_view code,
                    std::string_view language) {
  const T* entity = table.Find(code);
  if (entity == nullptr || entity->display_names.empty()) return "";
  return std::string(catalog_client::DisplayName(*entity, language));
}

// Of a dimension that the catalog lists no codes for: by what it names, where that is there.
std::string LabelOfOpen(const catalog_client::CatalogView& view, Field field, std::string_view code,
                        std::string_view language) {
  switch (field) {
    case Field::kScenario:
      return LabelIn(view.scenarios(), code, language);
    case Field::kProject:
      return LabelIn(view.projects(), code, language);
    case Field::kActivity:
      return LabelIn(view.activities(), code, language);
    case Field::kProvider:
      return LabelIn(view.providers(), code, language);
    default:
      return "";
  }
}

// Of a resource's whole name, as columns have that are no dimension of events.
std::string LabelOfName(const catalog_client::CatalogView& view, std::string_view name,
                        std::string_view language) {
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(name, absl::MaxSplits('/', 1));
  const auto& [collection, id] = parts;
  if (collection == "regions") return LabelIn(view.regions(), id, language);
  if (collection == "regionGroups") return LabelIn(view.region_groups(), id, language);
  if (collection == "sources") return LabelIn(view.sources(), id, language);
  if (collection == "categories") return LabelIn(view.categories(), id, language);
  if (collection == "providers") return LabelIn(view.providers(), id, language);
  return "";
}

std::string Label(const catalog_client::CatalogView& view, const Column& column,
                  const Member& member, std::string_view language) {
  if (language.empty() || member.kind == MemberKind::kUnknown) return "";
  if (column.dimension == nullptr) return LabelOfName(view, member.code, language);
  switch (column.dimension->codes) {
    case CodeKind::kSources:
      return LabelIn(view.sources(), member.code, language);
    case CodeKind::kRegions:
      return LabelIn(view.regions(), member.code, language);
    case CodeKind::kCategories:
      return LabelIn(view.categories(), member.code, language);
    case CodeKind::kSchemes:
      return LabelIn(view.schemes(), member.code, language);
    case CodeKind::kOpen:
      return LabelOfOpen(view, column.dimension->field, member.code, language);
    default:
      return "";
  }
}

// Writes one column and knows how many bytes each further row takes at most.
class ColumnWriter {
 public:
  ColumnWriter(const Column& column, const catalog_client::CatalogView& view,
               const std::string& language, v1::Column* out)
      : column_(column), view_(view), language_(language), out_(out) {
    out->set_name(column.name);
    out->set_title(TitleOf(column.name, column.kind, language));
    out->set_kind(static_cast<v1::ColumnKind>(column.kind));
    out->set_unit(column.unit);
    out->set_decimals(column.decimals);
    if (column.type == Column::Type::kIntegers) out->mutable_integers();
    if (column.type == Column::Type::kDoubles) out->mutable_doubles();
    if (column.type == Column::Type::kTexts) out->mutable_dictionary();
    position_.resize(column.members.size(), kNotOnPage);
  }

  size_t BytesOf(uint64_t row) const {
    const size_t null = column_.nulls.empty() ? 0 : 1;
    switch (column_.type) {
      case Column::Type::kIntegers:
        return null + ZigZagBytes(column_.integers[row]);
      case Column::Type::kDoubles:
        return null + sizeof(double);
      default:
        break;
    }
    const uint32_t member = column_.texts[row];
    if (position_[member] != kNotOnPage) return VarintBytes(position_[member]);
    constexpr size_t kFraming = 16;
    const Member& text = column_.members[member];
    return VarintBytes(members_) + kFraming + text.code.size() +
           Label(view_, column_, text, language_).size();
  }

  void Write(uint64_t row) {
    if (column_.IsNull(row)) has_null_ = true;
    if (column_.type == Column::Type::kIntegers) {
      out_->mutable_integers()->add_values(column_.integers[row]);
    } else if (column_.type == Column::Type::kDoubles) {
      out_->mutable_doubles()->add_values(column_.doubles[row]);
    } else {
      const uint32_t member = column_.texts[row];
      if (position_[member] == kNotOnPage) AddMember(member);
      out_->mutable_dictionary()->add_indexes(position_[member]);
    }
  }

  void Finish(uint64_t offset, uint64_t rows) {
    if (!has_null_) return;
    for (uint64_t row = offset; row < offset + rows; ++row) {
      out_->add_null_reasons(static_cast<v1::NullReason>(column_.nulls[row]));
    }
  }

 private:
  void AddMember(uint32_t member) {
    const Member& text = column_.members[member];
    v1::Member* out = out_->mutable_dictionary()->add_members();
    out->set_code(text.code);
    out->set_kind(static_cast<v1::MemberKind>(text.kind));
    out->set_label(Label(view_, column_, text, language_));
    position_[member] = members_++;
  }

  const Column& column_;
  const catalog_client::CatalogView& view_;
  const std::string& language_;
  v1::Column* const out_;
  // By member of the column: its position on the page.
  std::vector<uint32_t> position_;
  uint32_t members_ = 0;
  bool has_null_ = false;
};

}  // namespace

uint64_t WritePage(const Table& table, const catalog_client::CatalogView& view, uint64_t offset,
                   uint64_t max_rows, const std::string& label_language, v1::Result* page) {
  page->Clear();
  WriteNotes(table.notes, label_language, page->mutable_notes());
  page->set_region_role(static_cast<v1::RegionRole>(table.region_role));
  std::vector<ColumnWriter> writers;
  writers.reserve(table.columns.size());
  page->mutable_columns()->Reserve(static_cast<int>(table.columns.size()));
  for (const Column& column : table.columns) {
    writers.emplace_back(column, view, label_language, page->add_columns());
  }
  // What is there so far, and lengths of up to five bytes that grow with the rows.
  constexpr size_t kLengths = 32;
  size_t bytes = page->ByteSizeLong() + kLengths * table.columns.size();
  const uint64_t end = std::min(table.row_count, offset + std::min(max_rows, table.row_count));
  uint64_t row = offset;
  for (; row < end; ++row) {
    size_t added = 0;
    for (const ColumnWriter& writer : writers) added += writer.BytesOf(row);
    if (row > offset && bytes + added > kMaxPageBytes) break;
    bytes += added;
    for (ColumnWriter& writer : writers) writer.Write(row);
  }
  for (ColumnWriter& writer : writers) writer.Finish(offset, row - offset);
  page->set_row_count(static_cast<uint32_t>(row - offset));
  return row - offset;
}

}  // namespace tidemark::analytics
