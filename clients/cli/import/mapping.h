#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/input_format.h"
#include "clients/cli/import/name_resolver.h"
#include "clients/cli/import/row_mapper.h"
#include "clients/cli/import/row_reader.h"

namespace tidemark::importer {

// What the catalog says about amounts and times.
struct ObservatoryUnits {
  std::string time_zone;
  std::string currency;
  int scale = 2;
};

// A mapping file (docs/import-mapping.md): how rows of somebody's file become events.
//
//   TM_ASSIGN_OR_RETURN(Mapping mapping, Mapping::Load("orders.yaml", "orders.csv.gz"));
//   TM_ASSIGN_OR_RETURN(auto opened, mapping.Open(std::move(source), options));
//   while (...) opened.mapper->Map(*row);
class Mapping {
 public:
  // INVALID_ARGUMENT with file, line and key; NOT_FOUND. `input` is the input's name, which may
  // tell its format.
  static absl::StatusOr<Mapping> Load(const std::string& path, const std::string& input);
  // `folder`: where files that the mapping names are.
  static absl::StatusOr<Mapping> Parse(const std::string& text, const std::string& file,
                                       const std::string& folder, const std::string& input);

  // Whether Open needs Options::observatory: the mapping leaves scale or zone to it.
  bool needs_observatory() const { return !has_scale_ || !has_zone_; }
  // Whether a `lookup` asks the catalog.
  bool needs_resolver() const { return needs_resolver_; }
  // SHA-256 of the mapping's text in hexadecimal, to know it again.
  const std::string& fingerprint() const { return fingerprint_; }

  struct Options {
    // When given, the mapping's own `scale` and `currency` must agree with it.
    std::optional<ObservatoryUnits> observatory;
    // Not owned; outlives the mapper.
    NameResolver* resolver = nullptr;
  };
  struct Opened {
    std::unique_ptr<RowReader> reader;
    std::unique_ptr<RowMapper> mapper;
  };
  // Reads the header and compiles the mapping against its columns.
  absl::StatusOr<Opened> Open(std::unique_ptr<ByteSource> source, const Options& options) const;

 private:
  Mapping(ConfigNode root, std::string folder)
      : root_(std::move(root)), folder_(std::move(folder)) {}

  ConfigNode root_;
  std::string folder_;
  std::string fingerprint_;
  InputFormat format_;
  bool has_scale_ = false;
  bool has_zone_ = false;
  bool needs_resolver_ = false;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_H_
