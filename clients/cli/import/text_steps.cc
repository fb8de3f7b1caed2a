#include "clients/cli/import/text_steps.h"

#include <re2/re2.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/lookup_step.h"
#include "clients/cli/import/text_parts.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
}

class UnicodeStep final : public TextStep {
 public:
  explicit UnicodeStep(const icu::Normalizer2* normalizer) : normalizer_(normalizer) {}
  bool Apply(RowContext& context, std::string_view* text) const override {
    // Broken bytes stay for the service to reject; ICU would put U+FFFD in their place.
    if (IsAscii(*text) || !IsUtf8(*text)) return true;
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString normal =
        normalizer_->normalize(icu::UnicodeString::fromUTF8(
                                   icu::StringPiece(text->data(), static_cast<int>(text->size()))),
                               error);
    std::string utf8;
    normal.toUTF8String(utf8);
    if (U_SUCCESS(error)) *text = context.scratch.Copy(absl::StripAsciiWhitespace(utf8));
    return true;
  }

 private:
  // ICU's own, lives as long as the process.
  const icu::Normalizer2* const normalizer_;
};

class StripStep final : public TextStep {
 public:
  StripStep(std::vector<std::string> parts, bool prefix)
      : parts_(std::move(parts)), prefix_(prefix) {}
  bool Apply(RowContext&, std::string_view* text) const override {
    for (const std::string& part : parts_) {
      if (prefix_ ? TakePrefix(*text, part) : TakeSuffix(*text, part)) break;
    }
    return true;
  }

 private:
  const std::vector<std::string> parts_;
  const bool prefix_;
};

class ReplaceStep final : public TextStep {
 public:
  ReplaceStep(std::unique_ptr<RE2> pattern, std::string with)
      : pattern_(std::move(pattern)), with_(std::move(with)) {}
  bool Apply(RowContext& context, std::string_view* text) const override {
    std::string changed(*text);
    if (RE2::GlobalReplace(&changed, *pattern_, with_) > 0) *text = context.scratch.Copy(changed);
    return true;
  }

 private:
  const std::unique_ptr<RE2> pattern_;
  const std::string with_;
};

class ExtractStep final : public TextStep {
 public:
  explicit ExtractStep(std::unique_ptr<RE2> pattern) : pattern_(std::move(pattern)) {}
  bool Apply(RowContext&, std::string_view* text) const override {
    re2::StringPiece groups[2];
    const re2::StringPiece whole(text->data(), text->size());
    const int wanted = pattern_->NumberOfCapturingGroups() > 0 ? 1 : 0;
    if (!pattern_->Match(whole, 0, whole.size(), RE2::UNANCHORED, groups, wanted + 1)) {
      *text = {};
      return true;
    }
    *text = std::string_view(groups[wanted].data(), groups[wanted].size());
    return true;
  }

 private:
  const std::unique_ptr<RE2> pattern_;
};

class LettersStep final : public TextStep {
 public:
  explicit LettersStep(bool upper) : upper_(upper) {}
  bool Apply(RowContext& context, std::string_view* text) const override {
    std::string changed;
    if (IsAscii(*text) || !IsUtf8(*text)) {
      changed = upper_ ? absl::AsciiStrToUpper(*text) : absl::AsciiStrToLower(*text);
    } else {
      icu::UnicodeString wide = icu::UnicodeString::fromUTF8(
          icu::StringPiece(text->data(), static_cast<int>(text->size())));
      // The root locale: files must not read differently on a Turkish machine.
      (upper_ ? wide.toUpper(icu::Locale::getRoot()) : wide.toLower(icu::Locale::getRoot()))
          .toUTF8String(changed);
    }
    *text = context.scratch.Copy(changed);
    return true;
  }

 private:
  const bool upper_;
};

absl::StatusOr<std::unique_ptr<RE2>> CompilePattern(const ConfigNode& node) {
  TM_ASSIGN_OR_RETURN(const std::string text, node.Text());
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<RE2>(text, options);
  if (!pattern->ok()) {
    return node.Error(absl::StrCat("`", text, "` is no regular expression: ", pattern->error()));
  }
  return pattern;
}

absl::StatusOr<std::unique_ptr<const TextStep>> CompileReplace(const ConfigNode& node) {
  TM_RETURN_IF_ERROR(node.CheckKeys({"match", "with"}));
  TM_ASSIGN_OR_RETURN(auto pattern, CompilePattern(node.Get("match")));
  TM_ASSIGN_OR_RETURN(std::string with, node.TextOf("with", ""));
  std::string error;
  if (!pattern->CheckRewriteString(with, &error)) return node.Get("with").Error(error);
  return std::make_unique<ReplaceStep>(std::move(pattern), std::move(with));
}

}  // namespace

const std::vector<std::string>& TextStepKeys() {
  static const auto* const kKeys = new std::vector<std::string>{
      "unicode", "strip_prefix", "strip_suffix", "replace", "extract", "letters", "map", "lookup"};
  return *kKeys;
}

absl::StatusOr<std::vector<std::unique_ptr<const TextStep>>> CompileTextSteps(
    const ConfigNode& node, CompileScope& scope) {
  std::vector<std::unique_ptr<const TextStep>> steps;
  if (node.Has("unicode")) {
    TM_ASSIGN_OR_RETURN(const int form, node.ChoiceOf("unicode", {"nfc", "nfkc"}, 0));
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = form == 0 ? icu::Normalizer2::getNFCInstance(error)
                                                   : icu::Normalizer2::getNFKCInstance(error);
    if (U_FAILURE(error)) return absl::InternalError("ICU has no normalisation data");
    steps.push_back(std::make_unique<UnicodeStep>(normalizer));
  }
  for (const char* key : {"strip_prefix", "strip_suffix"}) {
    if (!node.Has(key)) continue;
    TM_ASSIGN_OR_RETURN(std::vector<std::string> parts, node.Get(key).Texts());
    steps.push_back(
        std::make_unique<StripStep>(std::move(parts), std::string_view(key) == "strip_prefix"));
  }
  if (node.Has("replace")) {
    TM_ASSIGN_OR_RETURN(const auto replacements, node.Get("replace").Elements());
    for (const ConfigNode& replacement : replacements) {
      TM_ASSIGN_OR_RETURN(steps.emplace_back(), CompileReplace(replacement));
    }
  }
  if (node.Has("extract")) {
    TM_ASSIGN_OR_RETURN(auto pattern, CompilePattern(node.Get("extract")));
    steps.push_back(std::make_unique<ExtractStep>(std::move(pattern)));
  }
  if (node.Has("letters")) {
    TM_ASSIGN_OR_RETURN(const int letters, node.ChoiceOf("letters", {"lower", "upper"}, 0));
    steps.push_back(std::make_unique<LettersStep>(letters == 1));
  }
  if (node.Has("map")) {
    TM_ASSIGN_OR_RETURN(steps.emplace_back(), CompileMapStep(node, scope));
  }
  if (node.Has("lookup")) {
    TM_ASSIGN_OR_RETURN(steps.emplace_back(), CompileLookupStep(node, scope));
  }
  return steps;
}

}  // namespace tidemark::importer
