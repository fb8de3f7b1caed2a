#include "clients/cli/observations/cell_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/import/row_context.h"
#include "clients/cli/observations/stated_period.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/status_macros.h"

namespace tidemark::observations {
namespace {

using catalog::v1::VintageCell;
using importer::ConfigNode;
using importer::Quoted;
using importer::RowContext;

constexpr int kMostDigits = 18;

// A value of an enumeration by its word, without regard to case; nothing for another word.
template <typename Enum>
std::optional<Enum> EnumOf(std::string_view text) {
  const auto* type = google::protobuf::GetEnumDescriptor<Enum>();
  const std::string word = absl::AsciiStrToUpper(text);
  for (int i = 1; i < type->value_count(); ++i) {
    if (catalog_client::EnumWord(*type->value(i)) == word) {
      return static_cast<Enum>(type->value(i)->number());
    }
  }
  return std::nullopt;
}

// The letters of SDMX's CL_OBS_STATUS that the catalog has a word for.
std::optional<catalog::v1::ObservationStatus> StatusOfLetter(char letter) {
  using namespace catalog::v1;
  switch (letter) {
    case 'A':
      return OBSERVATION_STATUS_NORMAL;
    case 'P':
      return OBSERVATION_STATUS_PROVISIONAL;
    case 'E':
      return OBSERVATION_STATUS_ESTIMATED;
    case 'R':
      return OBSERVATION_STATUS_REVISED;
    case 'F':
      return OBSERVATION_STATUS_FORECAST;
    case 'I':
      return OBSERVATION_STATUS_IMPUTED;
    case 'U':
      return OBSERVATION_STATUS_LOW_RELIABILITY;
    case 'M':
      return OBSERVATION_STATUS_MISSING;
    case 'Q':
      return OBSERVATION_STATUS_SUPPRESSED;
    default:
      return std::nullopt;
  }
}

bool HasNoNumber(const VintageCell& cell) {
  return cell.status() == catalog::v1::OBSERVATION_STATUS_MISSING ||
         cell.status() == catalog::v1::OBSERVATION_STATUS_SUPPRESSED;
}

// Evaluates an expression that names something; `found` is false when it names nothing.
bool ReadName(const importer::TextPtr& expression, std::string_view field,
              std::string_view collection, RowContext& context, std::string* name, bool* found) {
  std::string_view text;
  if (!expression->Eval(context, &text)) {
    context.rejection.field = std::string(field);
    return false;
  }
  *found = text.data() != nullptr && !text.empty();
  if (!*found) return true;
  *name = cli::FullName(collection, text);
  return true;
}

bool Refuse(RowContext& context, std::string_view field, std::string reason, std::string message) {
  context.Reject(std::move(reason), std::move(message));
  context.rejection.field = std::string(field);
  return false;
}

}  // namespace

std::optional<std::string> PublishedNumber(const importer::Decimal& number) {
  const bool negative = number.digits < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(number.digits)
                                    : static_cast<unsigned __int128>(number.digits);
  std::string digits;
  for (; rest > 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + rest % 10));
  if (number.scale < 0 && !digits.empty()) digits.append(static_cast<size_t>(-number.scale), '0');
  const int scale = number.scale < 0 ? 0 : number.scale;
  if (digits.size() > kMostDigits || scale > kMostDigits) return std::nullopt;
  const bool zero = digits.empty();
  if (digits.size() <= static_cast<size_t>(scale)) {
    digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
  }
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return negative && !zero ? absl::StrCat("-", digits) : digits;
}

const std::vector<std::string>& CellReader::Keys() {
  static const auto* const kKeys = new std::vector<std::string>{
      "series", "region", "period", "value", "status", "qualifier", "missing"};
  return *kKeys;
}

absl::StatusOr<CellReader> CellReader::Compile(const ConfigNode& root,
                                               importer::CompileScope& scope) {
  CellReader reader;
  reader.number_format_ = scope.number_format;
  for (auto [key, expression] :
       {std::pair("series", &reader.series_), std::pair("region", &reader.region_),
        std::pair("value", &reader.value_)}) {
    if (!root.Has(key)) return root.Get(key).Error("missing; a cell has one");
    TM_ASSIGN_OR_RETURN(*expression, importer::CompileText(root.Get(key), scope));
  }
  TM_RETURN_IF_ERROR(reader.CompilePeriod(root.Get("period"), scope));
  for (auto [key, expression] :
       {std::pair("status", &reader.status_), std::pair("qualifier", &reader.qualifier_)}) {
    if (!root.Has(key)) continue;
    TM_ASSIGN_OR_RETURN(*expression, importer::CompileText(root.Get(key), scope));
  }
  TM_ASSIGN_OR_RETURN(const int missing, root.ChoiceOf("missing", {"skip", "state"}, 0));
  reader.states_missing_ = missing == 1;
  return reader;
}

absl::Status CellReader::CompilePeriod(const ConfigNode& node, importer::CompileScope& scope) {
  if (node.IsNull()) return node.Error("missing; a cell has one");
  if (!node.IsMap() || !node.Has("day")) {
    TM_ASSIGN_OR_RETURN(period_, importer::CompileText(node, scope));
    return absl::OkStatus();
  }
  TM_RETURN_IF_ERROR(node.CheckKeys({"day", "form", "grain"}));
  TM_ASSIGN_OR_RETURN(period_, importer::CompileText(node.Get("day"), scope));
  TM_ASSIGN_OR_RETURN(period_form_, node.TextOf("form", "%Y-%m-%d"));
  if (!node.Has("grain")) {
    return node.Error("`grain` is missing; want day, week, month, quarter, half_year or year");
  }
  TM_ASSIGN_OR_RETURN(
      const int grain,
      node.ChoiceOf("grain", {"day", "week", "month", "quarter", "half_year", "year"}, 0));
  period_grain_ = static_cast<type::v1::PeriodGrain>(type::v1::PERIOD_GRAIN_DAY + grain);
  return absl::OkStatus();
}

bool CellReader::ReadPeriod(RowContext& context, type::v1::Period* period, bool* found) const {
  std::string_view text;
  if (!period_->Eval(context, &text)) {
    context.rejection.field = "period";
    return false;
  }
  *found = text.data() != nullptr && !text.empty();
  if (!*found) return true;
  const auto read = period_form_.empty() ? ParseStatedPeriod(text)
                                         : PeriodOfDay(text, period_form_, period_grain_);
  if (!read) {
    return Refuse(context, "period", "INVALID_PERIOD",
                  absl::StrCat(Quoted(text),
                               " is no period; map it to ~ to leave it out, or to a name such as "
                               "2024-01..02"));
  }
  *period = *read;
  return true;
}

bool CellReader::ReadLabels(RowContext& context, VintageCell* cell) const {
  std::string_view text;
  if (status_ != nullptr) {
    if (!status_->Eval(context, &text)) {
      context.rejection.field = "status";
      return false;
    }
    if (text == "B") {
      cell->set_break_before(true);
    } else if (text.data() != nullptr && !text.empty()) {
      const auto status =
          text.size() == 1 ? StatusOfLetter(text[0]) : EnumOf<catalog::v1::ObservationStatus>(text);
      if (!status) {
        return Refuse(context, "status", "INVALID_STATUS",
                      absl::StrCat(Quoted(text),
                                   " is no status; want A, P, E, R, F, I, U, M, Q or B, or a word "
                                   "such as PROVISIONAL"));
      }
      if (*status != catalog::v1::OBSERVATION_STATUS_NORMAL) cell->set_status(*status);
    }
  }
  if (qualifier_ == nullptr) return true;
  if (!qualifier_->Eval(context, &text)) {
    context.rejection.field = "qualifier";
    return false;
  }
  if (text.data() == nullptr || text.empty()) return true;
  const auto qualifier = EnumOf<catalog::v1::Qualifier>(text);
  if (!qualifier) {
    return Refuse(context, "qualifier", "INVALID_QUALIFIER",
                  absl::StrCat(Quoted(text), " is no qualifier; want a word such as ABOUT"));
  }
  if (*qualifier != catalog::v1::QUALIFIER_EXACT) cell->set_qualifier(*qualifier);
  return true;
}

bool CellReader::ReadNumber(RowContext& context, VintageCell* cell, bool* found) const {
  std::string_view text;
  if (!value_->Eval(context, &text)) {
    context.rejection.field = "value";
    return false;
  }
  *found = true;
  if (HasNoNumber(*cell)) return true;
  if (text.data() == nullptr || text.empty()) {
    *found = states_missing_;
    if (states_missing_) cell->set_status(catalog::v1::OBSERVATION_STATUS_MISSING);
    return true;
  }
  const auto number = importer::ParseDecimal(text, number_format_);
  const auto published = number ? PublishedNumber(*number) : std::nullopt;
  if (!published) {
    return Refuse(
        context, "value", "INVALID_NUMBER",
        absl::StrCat(Quoted(text), number ? " has more than 18 digits" : " is not a number",
                     "; say in `null_values` what stands for no number"));
  }
  cell->mutable_value()->set_value(*published);
  return true;
}

bool CellReader::Read(RowContext& context, std::optional<ReadCell>* cell) const {
  cell->reset();
  ReadCell read;
  bool found = false;
  if (!ReadPeriod(context, read.cell.mutable_period(), &found)) return false;
  if (!found) return true;
  if (!ReadName(series_, "series", "observationSeries", context, &read.series, &found))
    return false;
  if (!found) return true;
  // Labels first: they can say that there is no number.
  if (!ReadLabels(context, &read.cell) || !ReadNumber(context, &read.cell, &found)) return false;
  if (!found) return true;
  // Last, so that a place without figures need not be in the catalog.
  if (!ReadName(region_, "region", "regions", context, &read.region, &found)) return false;
  if (!found) return true;
  *cell = std::move(read);
  return true;
}

}  // namespace tidemark::observations
