#include "clients/cli/observations/observation_mapping.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/mapping_parts.h"
#include "clients/cli/import/number_format.h"
#include "clients/cli/observations/cell_reader.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/status/status_macros.h"

namespace tidemark::observations {
namespace {

using importer::ConfigNode;

constexpr size_t kProblemsKept = 20;
// The heading of a cell's column, and what stands there.
constexpr char kHeading[] = "heading";
constexpr char kCell[] = "cell";

std::vector<std::string> MappingKeys() {
  std::vector<std::string> keys = {"description", "vintage", "null_values",
                                   "maps",        "skip",    "cells"};
  for (const auto* more :
       {&importer::InputFormat::Keys(), &importer::NumberFormatKeys(), &CellReader::Keys()}) {
    keys.insert(keys.end(), more->begin(), more->end());
  }
  return keys;
}

absl::Status ReadDay(const ConfigNode& node, type::v1::Date* date) {
  TM_ASSIGN_OR_RETURN(const std::string text, node.Text());
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return node.Error(absl::StrCat("`", text, "`, want a day such as 2024-03-05"));
  }
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
  return absl::OkStatus();
}

// Which columns of a wide file hold cells.
absl::StatusOr<std::vector<size_t>> CellColumns(const ConfigNode& node,
                                                const std::vector<std::string>& columns) {
  TM_RETURN_IF_ERROR(node.CheckKeys({"columns", "except"}));
  if (node.Has("columns") == node.Has("except")) {
    return node.Error(
        "want either `columns` with the columns of cells, or `except` with the others");
  }
  const ConfigNode list = node.Get(node.Has("columns") ? "columns" : "except");
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> named, list.Texts());
  for (const std::string& name : named) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
      return list.Error(absl::StrCat("the file has no column `", name, "`"));
    }
  }
  for (const char* taken : {kHeading, kCell}) {
    if (std::find(columns.begin(), columns.end(), taken) != columns.end()) {
      return node.Error(absl::StrCat("the file has a column `", taken,
                                     "`, which means something else here; rename it by the key "
                                     "`columns` of the mapping"));
    }
  }
  std::vector<size_t> cells;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool is_named = std::find(named.begin(), named.end(), columns[i]) != named.end();
    if (is_named == node.Has("columns")) cells.push_back(i);
  }
  return cells;
}

// First day and the day after the last, so that the same days are one period whatever names them.
PeriodKey KeyOf(const type::v1::Period& period) {
  const absl::CivilDay first(period.start().year(), period.start().month(), period.start().day());
  const int count = std::max<int>(1, static_cast<int>(period.count()));
  absl::CivilDay end;
  switch (period.grain()) {
    case type::v1::PERIOD_GRAIN_YEAR:
      end = absl::CivilDay(absl::CivilMonth(first) + 12 * count);
      break;
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      end = absl::CivilDay(absl::CivilMonth(first) + 6 * count);
      break;
    case type::v1::PERIOD_GRAIN_QUARTER:
      end = absl::CivilDay(absl::CivilMonth(first) + 3 * count);
      break;
    case type::v1::PERIOD_GRAIN_MONTH:
      end = absl::CivilDay(absl::CivilMonth(first) + count);
      break;
    case type::v1::PERIOD_GRAIN_WEEK:
      end = first + 7 * count;
      break;
    default:
      end = first + count;
  }
  return {first - absl::CivilDay(), end - absl::CivilDay()};
}

class FileReader {
 public:
  FileReader(CellReader reader, std::vector<importer::ConditionPtr> skips)
      : reader_(std::move(reader)), skips_(std::move(skips)) {}

  // `cells`: columns of cells of a wide file; nothing: a row is a cell.
  void ReadRow(const importer::Row& row, const std::vector<std::string>& columns,
               const std::optional<std::vector<size_t>>& cells) {
    context_.scratch.Clear();
    if (!row.damage.empty()) return AddProblem(row, "", std::string(row.damage));
    fields_.assign(row.fields.begin(), row.fields.end());
    if (cells) fields_.resize(columns.size() + 2);
    context_.columns = fields_;
    for (const importer::ConditionPtr& skip : skips_) {
      bool holds = false;
      if (!skip->Eval(context_, &holds)) return AddProblem(row, "skip", context_.rejection.message);
      if (!holds) continue;
      ++file_.skipped_rows;
      return;
    }
    if (!cells) return ReadCellOf(row, "");
    for (const size_t column : *cells) {
      fields_[columns.size()] = columns[column];
      fields_[columns.size() + 1] = row.fields[column];
      ReadCellOf(row, columns[column]);
      context_.scratch.Clear();
    }
  }

  StatedFile Take() { return std::move(file_); }

 private:
  void ReadCellOf(const importer::Row& row, std::string_view heading) {
    std::optional<ReadCell> read;
    if (!reader_.Read(context_, &read)) {
      return AddProblem(row, heading,
                        absl::StrCat(context_.rejection.field, ": ", context_.rejection.message));
    }
    if (!read) {
      ++file_.empty_cells;
      return;
    }
    const PeriodKey key = KeyOf(read->cell.period());
    auto& cells = file_.series[read->series][read->region];
    const auto [it, is_new] = cells.try_emplace(key, read->cell);
    if (is_new) {
      ++file_.cells;
    } else if (it->second.SerializeAsString() != read->cell.SerializeAsString()) {
      AddProblem(row, heading,
                 absl::StrCat(read->series, " ", read->region, " ",
                              catalog_client::PeriodText(read->cell.period()).value_or(""),
                              " stands in the file already as another cell, ",
                              it->second.value().value()));
    }
  }

  void AddProblem(const importer::Row& row, std::string_view heading, const std::string& message) {
    if (++file_.problem_count > kProblemsKept) return;
    file_.problems.push_back(absl::StrCat("line ", row.line, heading.empty() ? "" : ", column `",
                                          heading, heading.empty() ? "" : "`", ": ", message));
  }

  const CellReader reader_;
  const std::vector<importer::ConditionPtr> skips_;
  importer::RowContext context_;
  std::vector<std::string_view> fields_;
  StatedFile file_;
};

}  // namespace

absl::StatusOr<ObservationMapping> ObservationMapping::Load(const std::string& path,
                                                            const std::string& input) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  // A folder can be opened, but not read.
  if (!file || std::filesystem::is_directory(path)) {
    return absl::NotFoundError(absl::StrCat("cannot read the mapping ", path));
  }
  return Parse(text.str(), path, std::filesystem::path(path).parent_path().string(), input);
}

absl::StatusOr<ObservationMapping> ObservationMapping::Parse(const std::string& text,
                                                             const std::string& file,
                                                             const std::string& folder,
                                                             const std::string& input) {
  TM_ASSIGN_OR_RETURN(ConfigNode root, ConfigNode::Parse(text, file));
  if (!root.IsMap()) return root.Error("want `key: value` pairs");
  TM_RETURN_IF_ERROR(root.CheckKeys(MappingKeys()));
  ObservationMapping mapping(std::move(root), folder);
  TM_ASSIGN_OR_RETURN(mapping.format_, importer::InputFormat::Parse(mapping.root_, input));
  if (mapping.format_.kind != importer::InputFormat::Kind::kCsv) {
    return mapping.root_.Get("format").Error("want csv or tsv");
  }
  mapping.needs_resolver_ = importer::HasLookup(mapping.root_);
  TM_RETURN_IF_ERROR(mapping.ReadVintage());
  return mapping;
}

absl::Status ObservationMapping::ReadVintage() {
  const ConfigNode node = root_.Get("vintage");
  if (node.IsNull()) return node.Error("missing; it says who published the file and when");
  TM_RETURN_IF_ERROR(node.CheckKeys({"id", "authority", "publisher", "title", "published",
                                     "published_qualifier", "uri", "document", "complete"}));
  TM_ASSIGN_OR_RETURN(vintage_id_, node.TextOf("id", ""));
  catalog::v1::Citation& source = *vintage_.mutable_source();
  TM_ASSIGN_OR_RETURN(const std::string publisher, node.TextOf("publisher", ""));
  if (publisher.empty()) return node.Get("publisher").Error("missing; want an organisation's id");
  source.set_publisher(cli::FullName("organisations", publisher));
  TM_ASSIGN_OR_RETURN(const std::string authority, node.TextOf("authority", ""));
  source.set_authority(cli::FullName("organisations", authority));
  TM_ASSIGN_OR_RETURN(const std::string document, node.TextOf("document", ""));
  source.set_document(cli::FullName("policies", document));
  TM_ASSIGN_OR_RETURN(*source.mutable_title(), node.TextOf("title", ""));
  TM_ASSIGN_OR_RETURN(*source.mutable_uri(), node.TextOf("uri", ""));
  if (node.Has("published")) {
    TM_RETURN_IF_ERROR(ReadDay(node.Get("published"), source.mutable_published()));
  }
  TM_ASSIGN_OR_RETURN(const int qualifier,
                      node.ChoiceOf("published_qualifier", {"exact", "about"}, 0));
  if (qualifier == 1) source.set_published_qualifier(catalog::v1::QUALIFIER_ABOUT);
  TM_ASSIGN_OR_RETURN(const bool complete, node.BoolOf("complete", false));
  vintage_.set_complete(complete);
  return absl::OkStatus();
}

absl::StatusOr<StatedFile> ObservationMapping::Read(std::unique_ptr<importer::ByteSource> source,
                                                    importer::NameResolver* resolver) const {
  TM_ASSIGN_OR_RETURN(auto rows, format_.OpenCsv(std::move(source)));
  const std::vector<std::string>& columns = rows->columns();
  importer::CompileScope scope;
  scope.folder = folder_;
  scope.resolver = resolver;
  scope.columns = columns;
  TM_ASSIGN_OR_RETURN(scope.number_format,
                      importer::ParseNumberFormat(root_, importer::NumberFormat{}));
  TM_ASSIGN_OR_RETURN(scope.null_values, importer::ReadNullValues(root_.Get("null_values")));
  std::optional<std::vector<size_t>> cells;
  if (root_.Has("cells")) {
    TM_ASSIGN_OR_RETURN(cells, CellColumns(root_.Get("cells"), columns));
    scope.columns.insert(scope.columns.end(), {kHeading, kCell});
  }
  TM_ASSIGN_OR_RETURN(const auto maps, root_.Get("maps").Entries());
  for (const auto& [name, node] : maps) {
    TM_ASSIGN_OR_RETURN(scope.maps[name], importer::ValueMap::Load(node, folder_));
  }
  std::vector<importer::ConditionPtr> skips;
  TM_ASSIGN_OR_RETURN(const auto elements, root_.Get("skip").Elements());
  for (const ConfigNode& element : elements) {
    TM_RETURN_IF_ERROR(element.CheckKeys({"when"}));
    TM_ASSIGN_OR_RETURN(skips.emplace_back(),
                        importer::CompileCondition(element.Get("when"), scope));
  }
  TM_ASSIGN_OR_RETURN(CellReader reader, CellReader::Compile(root_, scope));
  FileReader file(std::move(reader), std::move(skips));
  for (;;) {
    TM_ASSIGN_OR_RETURN(const importer::Row* row, rows->Next());
    if (row == nullptr) return file.Take();
    file.ReadRow(*row, columns, cells);
  }
}

}  // namespace tidemark::observations
