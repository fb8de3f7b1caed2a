#include "clients/cli/import/mapping_compiler.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/keyed_table.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

// A name may not hide another.
absl::Status CheckNew(const ConfigNode& node, const std::string& name, const CompileScope& scope) {
  for (const auto* names : {&scope.columns, &scope.extra_texts, &scope.numbers}) {
    if (std::find(names->begin(), names->end(), name) != names->end()) {
      return node.Error(absl::StrCat("`", name, "` is the name of something else already"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& MappingCompiler::Keys() {
  static const auto* const kKeys =
      new std::vector<std::string>{"maps", "join", "let", "numbers", "skip", "reject", "event"};
  return *kKeys;
}

absl::StatusOr<std::unique_ptr<RowMapper>> MappingCompiler::Compile(const Units& units) {
  mapper_ = std::make_unique<RowMapper>();
  TM_RETURN_IF_ERROR(CompileMaps());
  TM_RETURN_IF_ERROR(CompileJoins());
  TM_RETURN_IF_ERROR(CompileNames());
  TM_RETURN_IF_ERROR(CompileSkips("skip", &mapper_->skips_));
  TM_RETURN_IF_ERROR(CompileSkips("reject", &mapper_->rejects_));
  if (!root_.Has("event")) return root_.Get("event").Error("missing; it says what an event is");
  TM_ASSIGN_OR_RETURN(mapper_->fields_, CompileEventFields(root_.Get("event"), units, scope_));
  mapper_->context_.extras.resize(scope_.extra_texts.size());
  mapper_->context_.bad_extras.resize(scope_.extra_texts.size());
  mapper_->context_.numbers.resize(scope_.numbers.size());
  mapper_->context_.bad_numbers.resize(scope_.numbers.size());
  return std::move(mapper_);
}

absl::Status MappingCompiler::CompileMaps() {
  TM_ASSIGN_OR_RETURN(const auto entries, root_.Get("maps").Entries());
  for (const auto& [name, node] : entries) {
    TM_ASSIGN_OR_RETURN(scope_.maps[name], ValueMap::Load(node, scope_.folder));
  }
  return absl::OkStatus();
}

absl::Status MappingCompiler::CompileJoins() {
  TM_ASSIGN_OR_RETURN(const auto entries, root_.Get("join").Entries());
  for (const auto& [name, node] : entries) {
    std::vector<std::string> known = KeyedTable::LoadKeys();
    known.insert(known.end(), {"on", "missing"});
    TM_RETURN_IF_ERROR(node.CheckKeys(known));
    RowMapper::Join& join = mapper_->joins_.emplace_back();
    join.name = name;
    TM_ASSIGN_OR_RETURN(join.table, KeyedTable::Load(node, scope_.folder));
    if (!node.Has("on")) return node.Get("on").Error("missing; want the row's key, such as ${sku}");
    TM_ASSIGN_OR_RETURN(join.on, CompileText(node.Get("on"), scope_));
    TM_ASSIGN_OR_RETURN(const int missing, node.ChoiceOf("missing", {"absent", "reject"}, 0));
    join.reject_missing = missing == 1;
    join.first_extra = scope_.extra_texts.size();
    for (const std::string& column : join.table->columns()) {
      const std::string full = absl::StrCat(name, ".", column);
      TM_RETURN_IF_ERROR(CheckNew(node, full, scope_));
      scope_.extra_texts.push_back(full);
    }
  }
  return absl::OkStatus();
}

absl::Status MappingCompiler::CompileNames() {
  TM_ASSIGN_OR_RETURN(const auto texts, root_.Get("let").Entries());
  for (const auto& [name, node] : texts) {
    TM_RETURN_IF_ERROR(CheckNew(node, name, scope_));
    TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(node, scope_));
    mapper_->named_.push_back({scope_.extra_texts.size(), std::move(text), nullptr});
    scope_.extra_texts.push_back(name);
  }
  TM_ASSIGN_OR_RETURN(const auto numbers, root_.Get("numbers").Entries());
  for (const auto& [name, node] : numbers) {
    TM_RETURN_IF_ERROR(CheckNew(node, name, scope_));
    TM_ASSIGN_OR_RETURN(NumberPtr number, CompileNumber(node, scope_));
    mapper_->named_.push_back({scope_.numbers.size(), nullptr, std::move(number)});
    scope_.numbers.push_back(name);
  }
  return absl::OkStatus();
}

absl::Status MappingCompiler::CompileSkips(std::string_view key,
                                           std::vector<RowMapper::Skip>* skips) {
  TM_ASSIGN_OR_RETURN(const auto elements, root_.Get(key).Elements());
  for (const ConfigNode& element : elements) {
    TM_RETURN_IF_ERROR(element.CheckKeys({"when", "reason"}));
    RowMapper::Skip& skip = skips->emplace_back();
    TM_ASSIGN_OR_RETURN(skip.when, CompileCondition(element.Get("when"), scope_));
    TM_ASSIGN_OR_RETURN(skip.reason, element.Get("reason").Text());
    const bool valid = !skip.reason.empty() && skip.reason.size() <= 64 &&
                       std::all_of(skip.reason.begin(), skip.reason.end(), [](char c) {
                         return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
                       });
    if (!valid) {
      return element.Get("reason").Error(
          absl::StrCat("`", skip.reason, "`, want UPPER_SNAKE_CASE such as ZERO_AMOUNT"));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::importer
