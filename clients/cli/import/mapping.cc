#include "clients/cli/import/mapping.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/mapping_compiler.h"
#include "clients/cli/import/mapping_parts.h"
#include "clients/cli/import/number_format.h"
#include "clients/cli/import/units.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr int kMostScale = 4;

const std::vector<std::string>& MappingKeys() {
  static const auto* const kKeys = [] {
    auto* keys = new std::vector<std::string>(InputFormat::Keys());
    for (const auto* more : {&MappingCompiler::Keys(), &NumberFormatKeys()}) {
      keys->insert(keys->end(), more->begin(), more->end());
    }
    keys->insert(keys->end(), {"description", "time_zone", "gap", "overlap", "scale", "currency",
                               "null_values"});
    return keys;
  }();
  return *kKeys;
}

absl::StatusOr<Units> ReadUnits(const ConfigNode& root,
                                const std::optional<ObservatoryUnits>& observatory) {
  Units units;
  TM_ASSIGN_OR_RETURN(
      const int64_t scale,
      root.IntOf("scale", observatory.has_value() ? observatory->scale : 2, 0, kMostScale));
  units.scale = static_cast<int>(scale);
  if (observatory.has_value()) {
    if (units.scale != observatory->scale) {
      return root.Get("scale").Error(
          absl::StrCat("the observatory counts in ", observatory->scale, " decimal places"));
    }
    TM_ASSIGN_OR_RETURN(const std::string currency, root.TextOf("currency", observatory->currency));
    if (currency != observatory->currency) {
      return root.Get("currency")
          .Error(absl::StrCat("the observatory counts in ", observatory->currency));
    }
    if (!absl::LoadTimeZone(observatory->time_zone, &units.zone)) {
      return absl::InternalError(
          absl::StrCat("the observatory's time zone ", observatory->time_zone, " is unknown here"));
    }
  }
  TM_RETURN_IF_ERROR(ReadTimeRules(root, "time_zone", units));
  return units;
}

}  // namespace

absl::StatusOr<Mapping> Mapping::Load(const std::string& path, const std::string& input) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  // A folder can be opened, but not read.
  if (!file || std::filesystem::is_directory(path)) {
    return absl::NotFoundError(absl::StrCat("cannot read the mapping ", path));
  }
  return Parse(text.str(), path, std::filesystem::path(path).parent_path().string(), input);
}

absl::StatusOr<Mapping> Mapping::Parse(const std::string& text, const std::string& file,
                                       const std::string& folder, const std::string& input) {
  TM_ASSIGN_OR_RETURN(ConfigNode root, ConfigNode::Parse(text, file));
  if (!root.IsMap()) return root.Error("want `key: value` pairs");
  TM_RETURN_IF_ERROR(root.CheckKeys(MappingKeys()));
  Mapping mapping(std::move(root), folder);
  TM_ASSIGN_OR_RETURN(mapping.format_, InputFormat::Parse(mapping.root_, input));
  mapping.has_scale_ = mapping.root_.Has("scale");
  mapping.has_zone_ = mapping.root_.Has("time_zone");
  mapping.needs_resolver_ = HasLookup(mapping.root_);
  const ledger::Hash hash = ledger::Sha256(text);
  mapping.fingerprint_ =
      base::HexEncode(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
  return mapping;
}

absl::StatusOr<Mapping::Opened> Mapping::Open(std::unique_ptr<ByteSource> source,
                                              const Options& options) const {
  CompileScope scope;
  scope.folder = folder_;
  scope.resolver = options.resolver;
  TM_ASSIGN_OR_RETURN(scope.number_format, ParseNumberFormat(root_, NumberFormat{}));
  TM_ASSIGN_OR_RETURN(scope.null_values, ReadNullValues(root_.Get("null_values")));
  TM_ASSIGN_OR_RETURN(const Units units, ReadUnits(root_, options.observatory));

  Opened opened;
  if (format_.kind == InputFormat::Kind::kJson) {
    TM_ASSIGN_OR_RETURN(auto reader, format_.OpenJson(std::move(source)));
    scope.add_column = [reader = reader.get()](std::string_view path) {
      return reader->AddColumn(path);
    };
    opened.reader = std::move(reader);
  } else {
    TM_ASSIGN_OR_RETURN(opened.reader, format_.OpenCsv(std::move(source)));
    scope.columns = opened.reader->columns();
  }
  TM_ASSIGN_OR_RETURN(opened.mapper, MappingCompiler(root_, scope).Compile(units));
  return opened;
}

}  // namespace tidemark::importer
