#include "common/yaml/load.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/yaml/utf8.h"

namespace tidemark::yaml {
namespace {

absl::Status NotYaml(std::string_view file, const YAML::Mark& mark, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", mark.line + 1, ": not YAML: ", why));
}

// Looks at the events of a text before nodes are made of them.
class Inspector final : public YAML::EventHandler {
 public:
  explicit Inspector(std::string_view file) : file_(file) {}

  const absl::Status& status() const { return status_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp leaves a token that no document can begin with where it is, and takes it for the
    // next document for ever.
    if (documents_ > 0 && mark.pos == start_) Fail(mark, "a document cannot begin like this");
    start_ = mark.pos;
    ++documents_;
    sizes_.clear();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Leaf(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!IsUtf8(value)) Fail(mark, "a value is not UTF-8");
    Leaf(mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto size = sizes_.find(anchor);
    if (size == sizes_.end()) return Fail(mark, "an alias stands inside of what it stands for");
    Add(mark, size->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(mark, anchor);
  }
  void OnSequenceEnd() override { End(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(mark, anchor);
  }
  void OnMapEnd() override { End(); }

 private:
  // A collection that is not closed yet.
  struct Open {
    YAML::Mark mark;
    YAML::anchor_t anchor;
    size_t nodes;
  };

  void Fail(const YAML::Mark& mark, std::string_view why) {
    if (status_.ok()) status_ = NotYaml(file_, mark, why);
  }
  void Add(const YAML::Mark& mark, size_t nodes) {
    size_t& sum = open_.empty() ? nodes_ : open_.back().nodes;
    const size_t most = std::max(kMostValues, kMostRepeats * written_);
    sum = std::min(sum + nodes, most + 1);
    if (sum > most) Fail(mark, absl::StrCat("aliases make it more than ", most, " values"));
  }
  void Leaf(const YAML::Mark& mark, YAML::anchor_t anchor) {
    ++written_;
    if (anchor != 0) sizes_[anchor] = 1;
    Add(mark, 1);
  }
  void Begin(const YAML::Mark& mark, YAML::anchor_t anchor) {
    ++written_;
    open_.push_back({mark, anchor, 1});
  }
  void End() {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.anchor != 0) sizes_[closed.anchor] = closed.nodes;
    Add(closed.mark, closed.nodes);
  }

  const std::string_view file_;
  absl::Status status_;
  int documents_ = 0;
  int start_ = 0;
  size_t written_ = 0;  // values that are not repeated by an alias
  size_t nodes_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, size_t> sizes_;  // of what is closed
};

absl::Status Inspect(const std::string& text, std::string_view file) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Inspector inspector(file);
  while (inspector.status().ok() && parser.HandleNextDocument(inspector)) {
  }
  return inspector.status();
}

}  // namespace

absl::StatusOr<std::vector<YAML::Node>> LoadAll(const std::string& text, std::string_view file) {
  try {
    TM_RETURN_IF_ERROR(Inspect(text, file));
    return YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    return NotYaml(file, error.mark, error.msg);
  }
}

absl::StatusOr<YAML::Node> Load(const std::string& text, std::string_view file) {
  TM_ASSIGN_OR_RETURN(const std::vector<YAML::Node> documents, LoadAll(text, file));
  if (documents.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", documents.size(), " documents, want one"));
  }
  return documents.empty() ? YAML::Node(YAML::NodeType::Null) : documents.front();
}

}  // namespace tidemark::yaml
