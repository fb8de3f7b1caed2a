#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/event_fields.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/time_format.h"
#include "clients/cli/import/units.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

class TimeField final : public EventFieldWriter {
 public:
  TimeField(TextPtr text, std::vector<TimeFormat> formats, LocalTime local)
      : text_(std::move(text)), formats_(std::move(formats)), local_(local) {}

  bool Write(RowContext& context, submit::EventWriter& writer) override {
    std::string_view text;
    if (!text_->Eval(context, &text)) return false;
    if (text.data() == nullptr) {
      return context.Reject("MISSING_VALUE", "the row has no value for it");
    }
    for (const TimeFormat& format : formats_) {
      const std::optional<ParsedTime> time = format.Parse(text);
      if (!time.has_value()) continue;
      int64_t micros = 0;
      if (!local_.ToMicros(*time, &micros)) {
        return context.Reject("TIME_IN_GAP",
                              absl::StrCat(Quoted(text),
                                           " is skipped by the clock change of that day; set "
                                           "`gap: shift` to move it on"));
      }
      writer.Number(submit::EventField::kEventTimeUs, micros);
      return true;
    }
    return context.Reject("INVALID_TIME", absl::StrCat(Quoted(text), " does not fit the format"));
  }

 private:
  const TextPtr text_;
  const std::vector<TimeFormat> formats_;
  LocalTime local_;
};

}  // namespace

absl::StatusOr<EventFieldPtr> CompileTimeField(const ConfigNode& node, const Units& units,
                                               CompileScope& scope) {
  std::vector<std::string> formats = {"iso8601"};
  Units own = units;
  TextPtr text;
  if (node.IsMap()) {
    TM_RETURN_IF_ERROR(node.CheckKeys({"value", "format", "zone", "gap", "overlap"}));
    TM_ASSIGN_OR_RETURN(text, CompileText(node.Get("value"), scope));
    TM_RETURN_IF_ERROR(ReadTimeRules(node, "zone", own));
    if (node.Has("format")) {
      TM_ASSIGN_OR_RETURN(formats, node.Get("format").Texts());
    }
  } else {
    TM_ASSIGN_OR_RETURN(text, CompileText(node, scope));
  }
  std::vector<TimeFormat> compiled;
  for (const std::string& format : formats) {
    auto one = TimeFormat::Compile(format);
    if (!one.ok()) return node.Get("format").Error(one.status().message());
    compiled.push_back(*std::move(one));
  }
  return std::make_unique<TimeField>(std::move(text), std::move(compiled),
                                     LocalTime(own.zone, own.gap, own.overlap));
}

}  // namespace tidemark::importer
