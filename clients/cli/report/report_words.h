#ifndef TIDEMARK_CLIENTS_CLI_REPORT_REPORT_WORDS_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_REPORT_WORDS_H_

#include <string>

namespace tidemark::cli::report {

// What a report says of itself, beside the words of its template.
struct ReportWords {
  const char* source;
  const char* sources;
  const char* same_snapshot;
  const char* log;
  const char* records;
  const char* catalog_version;
  const char* no_value;
  const char* values;
  const char* from;
  const char* to;
  const char* gaps;
};

inline const ReportWords& WordsOf(const std::string& language) {
  static constexpr ReportWords kEnglish = {
      "Source", "Sources", "All numbers of this report are of one snapshot:",
      "log",    "records", "catalog version",
      "n/a",    "values",  "from",
      "to",     "gaps"};
  static constexpr ReportWords kChinese = {"来源", "来源",   "本报告所有数字取自同一快照：",
                                           "日志", "条记录", "目录版本",
                                           "无",   "个值",   "从",
                                           "到",   "个缺值"};
  return language == "zh" ? kChinese : kEnglish;
}

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_REPORT_WORDS_H_
