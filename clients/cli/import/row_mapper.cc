#include "clients/cli/import/row_mapper.h"

#include "absl/strings/str_cat.h"

namespace tidemark::importer {

Mapped RowMapper::Map(const Row& row) {
  context_.columns = row.fields;
  context_.scratch.Clear();
  damaged_ = !row.damage.empty();
  if (damaged_) {
    context_.Reject("DAMAGED_ROW", std::string(row.damage));
    return Reject("");
  }
  ComputeNames();
  for (const Skip& skip : skips_) {
    bool holds = false;
    if (!skip.when->Eval(context_, &holds)) return Reject("skip");
    if (holds) return {.kind = Mapped::Kind::kSkipped, .skip_reason = skip.reason};
  }
  for (const Skip& reject : rejects_) {
    bool holds = false;
    if (!reject.when->Eval(context_, &holds)) return Reject("reject");
    if (!holds) continue;
    context_.Reject(reject.reason, "the mapping rejects such rows");
    return Reject("reject");
  }
  writer_.Clear();
  for (CompiledField& field : fields_) {
    if (!field.writer->Write(context_, writer_)) return Reject(field.name);
  }
  return {.kind = Mapped::Kind::kEvent, .event = writer_.bytes()};
}

std::string_view RowMapper::SourceAndTime() {
  writer_.Clear();
  if (damaged_) return {};
  const Rejection told = context_.rejection;
  // Others, as ids that count equal rows, must not be asked twice.
  const auto write = [this](std::string_view name) {
    for (CompiledField& field : fields_) {
      if (field.name == name) return field.writer->Write(context_, writer_);
    }
    return true;
  };
  (void)write("source");
  // What it revises may be of any day.
  if (write("revision")) (void)write("event_time");
  context_.rejection = told;
  return writer_.bytes();
}

Mapped RowMapper::Reject(std::string_view field) {
  context_.rejection.field = std::string(field);
  return {.kind = Mapped::Kind::kRejected, .rejection = &context_.rejection};
}

void RowMapper::ComputeNames() {
  for (const Join& join : joins_) FindJoinedRow(join);
  for (const Named& named : named_) {
    if (named.text != nullptr) {
      std::string_view& text = context_.extras[named.slot];
      context_.bad_extras[named.slot].reset();
      if (!named.text->Eval(context_, &text)) {
        context_.bad_extras[named.slot] = context_.rejection;
        text = {};
      }
      continue;
    }
    NamedNumber& number = context_.numbers[named.slot];
    std::optional<Decimal> value;
    if (!named.number->Eval(context_, &value)) {
      number.state = NamedNumber::State::kBad;
      context_.bad_numbers[named.slot] = context_.rejection;
    } else if (value.has_value()) {
      number = {.state = NamedNumber::State::kPresent, .value = *value};
    } else {
      number.state = NamedNumber::State::kAbsent;
    }
  }
}

void RowMapper::FindJoinedRow(const Join& join) {
  std::string_view key;
  absl::Span<const std::string> found;
  std::optional<Rejection> bad;
  if (!join.on->Eval(context_, &key)) {
    bad = context_.rejection;
  } else if (key.data() != nullptr) {
    found = join.table->Find(key);
  }
  if (found.empty() && join.reject_missing && !bad.has_value()) {
    context_.Reject("MISSING_JOIN_ROW",
                    key.data() == nullptr
                        ? absl::StrCat("the row has no key for ", join.name)
                        : absl::StrCat(join.name, " has no row for ", Quoted(key)));
    bad = context_.rejection;
  }
  for (size_t i = 0; i < join.table->columns().size(); ++i) {
    context_.extras[join.first_extra + i] =
        found.empty() ? std::string_view() : std::string_view(found[i]);
    context_.bad_extras[join.first_extra + i] = bad;
  }
}

}  // namespace tidemark::importer
