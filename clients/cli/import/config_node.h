#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_CONFIG_NODE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_CONFIG_NODE_H_

#include <yaml-cpp/yaml.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::importer {

// A place in a mapping file: the YAML node, and the file and keys that lead to it, so that every
// error says "orders.yaml:12: events.amount.rounding: ...". Cheap to copy.
class ConfigNode {
 public:
  // INVALID_ARGUMENT with the line for text that is not YAML. `file` is for messages only.
  static absl::StatusOr<ConfigNode> Parse(const std::string& text, const std::string& file);

  ConfigNode(const ConfigNode&) = default;
  // YAML::Node's own assignment writes into the document.
  ConfigNode& operator=(const ConfigNode& other) {
    node_.reset(other.node_);
    file_ = other.file_;
    path_ = other.path_;
    line_ = other.line_;
    return *this;
  }

  // INVALID_ARGUMENT at this place.
  absl::Status Error(std::string_view message) const;

  // False for a key that is absent or has no value (`key:` or `key: ~`).
  bool Has(std::string_view key) const;
  // The value of `key`; for an absent key a node that is null.
  ConfigNode Get(std::string_view key) const;
  bool IsNull() const { return !node_.IsDefined() || node_.IsNull(); }
  bool IsMap() const { return node_.IsMap(); }
  bool IsSequence() const { return node_.IsSequence(); }
  bool IsScalar() const { return node_.IsScalar(); }

  // An error unless this is a map with no other keys than these and none twice.
  absl::Status CheckKeys(const std::vector<std::string>& known) const;
  // Entries in the file's order. Errors unless this is a map with texts as keys, none twice.
  absl::StatusOr<std::vector<std::pair<std::string, ConfigNode>>> Entries() const;
  // Elements of a list; a single text counts as a list of one.
  absl::StatusOr<std::vector<ConfigNode>> Elements() const;

  absl::StatusOr<std::string> Text() const;
  absl::StatusOr<std::vector<std::string>> Texts() const;
  // Of `key`, with a default for when it is absent.
  absl::StatusOr<std::string> TextOf(std::string_view key, std::string_view fallback) const;
  absl::StatusOr<bool> BoolOf(std::string_view key, bool fallback) const;
  absl::StatusOr<int64_t> IntOf(std::string_view key, int64_t fallback, int64_t min,
                                int64_t max) const;
  // Index of the text of `key` in `choices`.
  absl::StatusOr<int> ChoiceOf(std::string_view key, const std::vector<std::string>& choices,
                               int fallback) const;

 private:
  ConfigNode(YAML::Node node, std::shared_ptr<const std::string> file, std::string path, int line)
      : node_(std::move(node)), file_(std::move(file)), path_(std::move(path)), line_(line) {}
  ConfigNode Child(const YAML::Node& node, std::string_view step) const;

  YAML::Node node_;
  std::shared_ptr<const std::string> file_;
  std::string path_;
  // From 1; that of the parent for absent nodes.
  int line_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_CONFIG_NODE_H_
