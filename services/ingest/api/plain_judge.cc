#include "services/ingest/api/plain_judge.h"

#include <optional>
#include <utility>

#include "services/ingest/api/open_fields.h"
#include "services/ingest/api/plain_reader.h"
#include "services/ingest/api/utf8.h"
#include "services/ingest/domain/shape.h"

namespace tidemark::ingest {
namespace {

using catalog_client::Interval;
using ledger::EventKind;

// Of catalog lists whose codes are in force for a time.
constexpr CodeField kDatedFields[] = {
    CodeField::kConsumerScheme, CodeField::kConsumerRegion, CodeField::kProviderRegion,
    CodeField::kPlaceOfUse,     CodeField::kCategory,       CodeField::kScenario,
    CodeField::kProject,        CodeField::kActivity,
};
struct LongField {
  CodeField field;
  std::string_view PlainEvent::*text;
};
constexpr LongField kLongFields[] = {
    {CodeField::kProduct, &PlainEvent::product},
    {CodeField::kProvider, &PlainEvent::provider},
};
constexpr uint32_t kRequired =
    1u << kSourceField | 1u << kIdField | 1u << kKindField | 1u << kEventTimeField;
constexpr size_t kIdles = 64;

template <typename T>
const T* InForce(const catalog_client::Table<T>& table, std::string_view code, Interval* in_force) {
  const T* const found = table.Find(code);
  if (found != nullptr) *in_force = found->valid;
  return found;
}

}  // namespace

PlainJudge::PlainJudge(std::shared_ptr<const catalog_client::CatalogView> view,
                       OpenCodes* open_codes)
    : view_(std::move(view)), open_codes_(open_codes) {
  for (size_t i = 0; i < kFields; ++i) Forget(static_cast<CodeField>(i));
}

void PlainJudge::StartBatch(ReferenceValidator* validator, Arena* arena, bool dry_run) {
  validator_ = validator;
  arena_ = arena;
  dry_run_ = dry_run;
  ++batch_;
  passing_.clear();
  // What was remembered first is not what is met now.
  for (const CodeField f : kOpenFields) {
    if (known(f).passed > 8 * kMostOpenCodes) Forget(f);
  }
}

void PlainJudge::Forget(CodeField f) {
  Field& field = known(f);
  field.codes.Clear();
  field.in_batch.assign(1, {});
  field.row_hashes.assign(1, 0);
  field.open_hashes.assign(1, 0);
  field.passed = 0;
  if (f == CodeField::kSource) sources_.assign(1, {});
  if (f == CodeField::kConsumerScheme) schemes_.assign(1, nullptr);
}

bool PlainJudge::Reads(std::string_view bytes, PlainEvent* event) {
  const auto number_of = [this](CodeField f, std::string_view text) { return NumberOf(f, text); };
  if (!PlainReader(bytes, number_of, PlainMemory{&attributes_, arena_}, event)
           .Read(view_->observatory()->currency))
    return false;
  for (const LongField& l : kLongFields) {
    const std::string_view text = event->*l.text;
    if (!text.empty()) known(l.field).codes.PrefetchSlot(text.data(), text.size());
  }
  return true;
}

void PlainJudge::Prefetch(const PlainEvent& event) const {
  for (const LongField& l : kLongFields) {
    const std::string_view text = event.*l.text;
    if (text.empty()) continue;
    const Field& codes = known(l.field);
    const uint32_t number = codes.codes.PrefetchCode(text.data(), text.size());
    __builtin_prefetch(&codes.in_batch[number]);
  }
}

bool PlainJudge::Finds(PlainEvent* event) {
  for (const LongField& l : kLongFields) {
    const std::string_view text = event->*l.text;
    if (text.empty()) continue;
    const uint32_t number = NumberOf(l.field, text);
    if (number == 0) return false;
    event->codes[static_cast<size_t>(l.field)] = number;
  }
  return Judge(*event);
}

inline uint32_t PlainJudge::NumberOf(CodeField f, std::string_view text) {
  if (text.size() > KnownCodes::kMostBytes) [[unlikely]]
    return Pass(f, text);
  Field& field = known(f);
  uint32_t number = field.codes.Find(text.data(), text.size());
  if (number == 0) [[unlikely]] {
    number = Learn(f, text);
    if (number == 0 || number >= kPassing) return number;
  }
  InBatch& in_batch = field.in_batch[number];
  if (in_batch.batch != batch_) {
    in_batch = {text.data(), static_cast<uint32_t>(text.size()), 0, batch_};
  }
  return number;
}

uint32_t PlainJudge::Learn(CodeField f, std::string_view text) {
  Field& field = known(f);
  if (IsOpen(f) && field.codes.size() >= kMostOpenCodes) {
    ++field.passed;
    return Pass(f, text);
  }
  Interval in_force;
  if (Classify(text) != TextClass::kPlain || !LookUp(f, text, &in_force)) return 0;
  field.in_batch.emplace_back();
  field.row_hashes.push_back(ledger::DictionaryBuilder::HashOf(text));
  field.open_hashes.push_back(open_codes_->hash()(text));
  return field.codes.Add(text, in_force.start_us, in_force.end_us);
}

uint32_t PlainJudge::Pass(CodeField f, std::string_view text) {
  if (!IsOpen(f) || text.size() > kMaxOpenCodeBytes || Classify(text) != TextClass::kPlain) {
    return 0;
  }
  passing_.push_back({text.data(), static_cast<uint32_t>(text.size()), open_codes_->hash()(text)});
  return kPassing + static_cast<uint32_t>(passing_.size() - 1);
}

bool PlainJudge::LookUp(CodeField f, std::string_view text, Interval* in_force) {
  switch (f) {
    case CodeField::kSource: {
      const catalog_client::Source* const source = view_->sources().Find(text);
      if (source == nullptr) return false;
      sources_.push_back({.source = source, .key = open_codes_->SourceKey(text)});
      return true;
    }
    case CodeField::kConsumerScheme: {
      const catalog_client::IdentifierScheme* const scheme =
          InForce(view_->schemes(), text, in_force);
      if (scheme == nullptr || scheme->scheme_class == catalog_client::SchemeClass::kTransaction) {
        return false;
      }
      schemes_.push_back(scheme);
      return true;
    }
    case CodeField::kConsumerRegion:
    case CodeField::kProviderRegion:
    case CodeField::kPlaceOfUse:
      return InForce(view_->regions(), text, in_force) != nullptr;
    case CodeField::kCategory:
      return InForce(view_->categories(), text, in_force) != nullptr;
    case CodeField::kScenario:
      return InForce(view_->scenarios(), text, in_force) != nullptr;
    case CodeField::kProject:
      return InForce(view_->projects(), text, in_force) != nullptr;
    case CodeField::kActivity:
      return InForce(view_->activities(), text, in_force) != nullptr;
    case CodeField::kProduct:
    case CodeField::kProvider:
    case CodeField::kPaymentMethod:
    case CodeField::kAgeBand:
    case CodeField::kIncomeBand:
      *in_force = {.start_us = 0};
      return true;
    case CodeField::kOriginalSource:
    case CodeField::kTransactionScheme:
    case CodeField::kCurrency:
      break;
  }
  return false;
}

const PlainJudge::Source& PlainJudge::SourceOf(const PlainEvent& event) {
  Source& source = sources_[event.codes[static_cast<size_t>(CodeField::kSource)]];
  if (source.batch != batch_) [[unlikely]] {
    source.times = validator_->TimesOf(*source.source);
    source.batch = batch_;
  }
  return source;
}

bool PlainJudge::Judge(PlainEvent& event) {
  if ((event.fields & kRequired) != kRequired || !JudgeNumbers(event) || !JudgeTexts(event)) {
    return false;
  }
  const Source& source = SourceOf(event);
  if (!source.times.Contains(event.event_time_us)) return false;
  bool in_force = true;
  for (const CodeField f : kDatedFields) {
    const KnownCodes::Code& code = known(f).codes[event.codes[static_cast<size_t>(f)]];
    in_force = in_force && code.low <= event.event_time_us && event.event_time_us < code.high;
  }
  event.admitted = PrefetchOpenCodes(event, source);
  const catalog_client::IdentifierScheme* const scheme = consumer_scheme(event);
  return in_force && (scheme == nullptr || scheme->source == catalog_client::kNone ||
                      scheme->source == source.source->ordinal);
}

bool PlainJudge::JudgeNumbers(const PlainEvent& event) const {
  const auto integer = [&event](PlainField field, EventColumns::IntegerName name) {
    return event.has(field) ? std::optional(event.integers[name]) : std::nullopt;
  };
  const auto small = [&event](EventColumns::SmallName name, auto last) {
    return event.smalls[name] <= static_cast<uint32_t>(last);
  };
  return AmountsFit(static_cast<EventKind>(event.smalls[EventColumns::kKind]),
                    integer(kAmountField, EventColumns::kAmount),
                    integer(kVoucherAmountField, EventColumns::kVoucherAmount),
                    integer(kQuantityField, EventColumns::kQuantity)) &&
         small(EventColumns::kReportingRole, ledger::ReportingRole::kDepartment) &&
         small(EventColumns::kSegment, ledger::Segment::kPublic) &&
         small(EventColumns::kChannel, ledger::Channel::kHybrid) &&
         small(EventColumns::kAreaType, ledger::AreaType::kRural);
}

bool PlainJudge::JudgeTexts(const PlainEvent& event) const {
  return IsPrintableAscii(event.id) && IsPrintableAscii(event.order) &&
         IsPrintableAscii(event.consumer_id) &&
         (event.consumer_prehashed.empty() ||
          event.consumer_prehashed.size() == ledger::kPseudonymBytes);
}

uint64_t PlainJudge::BitOf(const Source& source) {
  const uint32_t ordinal = source.source->ordinal;
  return ordinal < kRememberedSources ? uint64_t{1} << ordinal : 0;
}

bool PlainJudge::Remembers(CodeField f, uint32_t number, uint64_t bit) {
  return number == 0 ||
         (number < kPassing && (static_cast<uint64_t>(known(f).codes[number].low) & bit) != 0);
}

bool PlainJudge::PrefetchOpenCodes(const PlainEvent& event, const Source& source) {
  const uint64_t bit = BitOf(source);
  bool all_remembered = true;
  for (const OpenList list : kOpenLists) {
    const CodeField f = FieldOf(list);
    const uint32_t number = event.codes[static_cast<size_t>(f)];
    if (Remembers(f, number, bit)) [[likely]]
      continue;
    all_remembered = false;
    open_codes_->Prefetch(OpenCodes::KeyOf(source.key, list, OpenHash(f, number)));
  }
  return all_remembered;
}

bool PlainJudge::Admits(const PlainEvent& event) {
  if (event.admitted) [[likely]]
    return true;
  const Source& source = SourceOf(event);
  const uint64_t bit = BitOf(source);
  for (const OpenList list : kOpenLists) {
    const CodeField f = FieldOf(list);
    const uint32_t number = event.codes[static_cast<size_t>(f)];
    if (Remembers(f, number, bit)) [[likely]]
      continue;
    if (!validator_->Admits(*source.source, source.key, list, OpenHash(f, number))) return false;
    // What is only judged is not registered.
    if (number < kPassing && !dry_run_) {
      int64_t& sources = known(f).codes[number].low;
      sources = static_cast<int64_t>(static_cast<uint64_t>(sources) | bit);
    }
  }
  return true;
}

std::unique_ptr<PlainJudge> PlainJudges::Take(
    const std::shared_ptr<const catalog_client::CatalogView>& view) {
  {
    base::MutexLock lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<PlainJudge> judge = std::move(idle_.back());
      idle_.pop_back();
      if (judge->view() == view) return judge;
    }
  }
  return std::make_unique<PlainJudge>(view, open_codes_);
}

void PlainJudges::Return(std::unique_ptr<PlainJudge> judge) {
  base::MutexLock lock(mutex_);
  if (idle_.size() < kIdles) idle_.push_back(std::move(judge));
}

}  // namespace tidemark::ingest
