#include "clients/cli/import/config_node.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "common/status/status_macros.h"
#include "common/yaml/load.h"

namespace tidemark::importer {

absl::StatusOr<ConfigNode> ConfigNode::Parse(const std::string& text, const std::string& file) {
  TM_ASSIGN_OR_RETURN(const YAML::Node root, yaml::Load(text, file));
  return ConfigNode(root, std::make_shared<const std::string>(file), "", 1);
}

absl::Status ConfigNode::Error(std::string_view message) const {
  return absl::InvalidArgumentError(
      absl::StrCat(*file_, ":", line_, ": ", path_, path_.empty() ? "" : ": ", message));
}

ConfigNode ConfigNode::Child(const YAML::Node& node, std::string_view step) const {
  const int line = node.IsDefined() && node.Mark().line >= 0 ? node.Mark().line + 1 : line_;
  return ConfigNode(node, file_, path_.empty() ? std::string(step) : absl::StrCat(path_, ".", step),
                    line);
}

bool ConfigNode::Has(std::string_view key) const { return !Get(key).IsNull(); }

ConfigNode ConfigNode::Get(std::string_view key) const {
  if (node_.IsDefined() && node_.IsMap()) {
    for (const auto& entry : node_) {
      if (entry.first.IsScalar() && entry.first.Scalar() == key) return Child(entry.second, key);
    }
  }
  return Child(YAML::Node(YAML::NodeType::Null), key);
}

absl::StatusOr<std::vector<std::pair<std::string, ConfigNode>>> ConfigNode::Entries() const {
  std::vector<std::pair<std::string, ConfigNode>> entries;
  if (IsNull()) return entries;
  if (!node_.IsMap()) return Error("want `key: value` pairs");
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) return Child(entry.first, "?").Error("a key must be a text");
    const std::string& key = entry.first.Scalar();
    if (!seen.insert(key).second) return Child(entry.first, key).Error("stands here twice");
    entries.emplace_back(key, Child(entry.second, key));
  }
  return entries;
}

absl::Status ConfigNode::CheckKeys(const std::vector<std::string>& known) const {
  if (IsNull()) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const auto entries, Entries());
  for (const auto& [key, node] : entries) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return node.Error(absl::StrCat("unknown key", cli::NearestHint(key, known)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ConfigNode>> ConfigNode::Elements() const {
  std::vector<ConfigNode> elements;
  if (IsNull()) return elements;
  if (node_.IsScalar() || node_.IsMap()) return std::vector<ConfigNode>{*this};
  size_t index = 0;
  for (const auto& element : node_) elements.push_back(Child(element, absl::StrCat(index++)));
  return elements;
}

absl::StatusOr<std::string> ConfigNode::Text() const {
  if (IsNull()) return Error("missing; want a text");
  if (!node_.IsScalar()) return Error("want a text");
  return node_.Scalar();
}

absl::StatusOr<std::vector<std::string>> ConfigNode::Texts() const {
  TM_ASSIGN_OR_RETURN(const auto elements, Elements());
  std::vector<std::string> texts;
  for (const ConfigNode& element : elements) {
    TM_ASSIGN_OR_RETURN(texts.emplace_back(), element.Text());
  }
  return texts;
}

absl::StatusOr<std::string> ConfigNode::TextOf(std::string_view key,
                                               std::string_view fallback) const {
  if (!Has(key)) return std::string(fallback);
  return Get(key).Text();
}

absl::StatusOr<bool> ConfigNode::BoolOf(std::string_view key, bool fallback) const {
  if (!Has(key)) return fallback;
  TM_ASSIGN_OR_RETURN(const std::string text, Get(key).Text());
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no") return false;
  return Get(key).Error(absl::StrCat("`", text, "`, want true or false"));
}

absl::StatusOr<int64_t> ConfigNode::IntOf(std::string_view key, int64_t fallback, int64_t min,
                                          int64_t max) const {
  if (!Has(key)) return fallback;
  TM_ASSIGN_OR_RETURN(const std::string text, Get(key).Text());
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < min || value > max) {
    return Get(key).Error(
        absl::StrCat("`", text, "`, want a whole number from ", min, " to ", max));
  }
  return value;
}

absl::StatusOr<int> ConfigNode::ChoiceOf(std::string_view key,
                                         const std::vector<std::string>& choices,
                                         int fallback) const {
  if (!Has(key)) return fallback;
  TM_ASSIGN_OR_RETURN(const std::string text, Get(key).Text());
  const auto it = std::find(choices.begin(), choices.end(), text);
  if (it == choices.end()) {
    return Get(key).Error(absl::StrCat("`", text, "`", cli::NearestHint(text, choices)));
  }
  return static_cast<int>(it - choices.begin());
}

}  // namespace tidemark::importer
