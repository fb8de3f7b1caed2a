#include "clients/cli/app/whole_numbers.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli {
namespace {

// CLI11's names of the types.
constexpr std::string_view kUnsigned = "UINT";
constexpr std::string_view kSigned = "INT";

template <typename Number>
bool IsDecimal(std::string_view text) {
  Number number;
  return absl::SimpleAtoi(text, &number) && absl::StrCat(number) == text;
}

}  // namespace

void WantWholeNumbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    const bool is_unsigned = type == kUnsigned || type.starts_with(absl::StrCat(kUnsigned, ":"));
    const bool is_signed = type == kSigned || type.starts_with(absl::StrCat(kSigned, ":"));
    if (!is_unsigned && !is_signed) continue;
    option->check(CLI::Validator(
        [is_unsigned](std::string& text) -> std::string {
          if (is_unsigned ? IsDecimal<uint64_t>(text) : IsDecimal<int64_t>(text)) return "";
          return absl::StrCat("`", text, "`, want a whole number",
                              is_unsigned ? " of 0 or more" : "", ", such as 10");
        },
        ""));
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    WantWholeNumbers(*command);
  }
}

}  // namespace tidemark::cli
