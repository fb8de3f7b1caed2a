#include "services/analytics/api/column_titles.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "services/analytics/api/vocabulary_texts.h"

namespace tidemark::analytics {
namespace {

struct Title {
  std::string_view name;
  std::string_view zh;
};

// Of the columns of named statistics, by name.
constexpr Title kStatistics[] = {
    {"actual", "实际值"},
    {"aicc", "AICc"},
    {"alpha", "α"},
    {"amount", "金额"},
    {"annualised", "年化值"},
    {"baseline", "基期值"},
    {"beta", "β"},
    {"between", "地区之间"},
    {"both", "共同消费者数"},
    {"computed", "计算值"},
    {"computed_from", "计算依据"},
    {"confidence", "置信度"},
    {"consumers", "消费者数"},
    {"consumers_a", "a的消费者数"},
    {"consumers_b", "b的消费者数"},
    {"control", "对照组"},
    {"control_regions", "对照地区数"},
    {"coverage_80", "80%区间命中率"},
    {"coverage_80_naive", "80%区间命中率（朴素）"},
    {"coverage_95", "95%区间命中率"},
    {"coverage_95_naive", "95%区间命中率（朴素）"},
    {"days", "活动天数"},
    {"days_before", "活动前天数"},
    {"deviation", "误差标准差"},
    {"difference", "差异"},
    {"due", "到期"},
    {"effect", "效应"},
    {"elsewhere", "组外"},
    {"events", "事件数"},
    {"evidence", "佐证"},
    {"first_period", "最早时期"},
    {"flags", "标记"},
    {"forecasts", "预测次数"},
    {"form", "形式"},
    {"gamma", "γ"},
    {"gap", "差距"},
    {"gaps", "缺口数"},
    {"gini", "基尼系数"},
    {"goal", "目标值"},
    {"gross", "消费总额"},
    {"gross_before", "活动前消费总额"},
    {"gross_left_out", "未计入的消费额"},
    {"hhi", "赫芬达尔指数"},
    {"holder", "权利人"},
    {"holders", "权利人数"},
    {"holdings", "集团数"},
    {"indicator", "指标"},
    {"inflow", "流入"},
    {"integration", "一体化程度"},
    {"jaccard", "杰卡德系数"},
    {"kind", "类型"},
    {"largest_share", "最大占比"},
    {"last_period", "最近时期"},
    {"level", "水平"},
    {"lift", "提升度"},
    {"log_effect", "对数效应"},
    {"log_likelihood", "对数似然"},
    {"lower_80", "80%下限"},
    {"lower_95", "95%下限"},
    {"mase", "MASE"},
    {"mase_naive", "MASE（朴素）"},
    {"model", "模型"},
    {"naive", "季节朴素预测"},
    {"naive_growth", "简单增长率"},
    {"name", "名称"},
    {"needed_growth", "所需增长率"},
    {"net", "净流入"},
    {"node", "节点"},
    {"on_track", "是否达进度"},
    {"outflow", "流出"},
    {"own", "本地"},
    {"p", "p值"},
    {"parameters", "参数个数"},
    {"part", "已有部分"},
    {"participation", "参与率"},
    {"participation_gap", "参与率差距"},
    {"participation_of", "参与率（前者）"},
    {"participation_to", "参与率（后者）"},
    {"path_value", "应达值"},
    {"per_head", "人均消费额"},
    {"per_head_of", "人均消费额（前者）"},
    {"per_head_to", "人均消费额（后者）"},
    {"periods", "时期数"},
    {"periods_ahead", "提前期数"},
    {"phi", "φ"},
    {"placebo_dates", "安慰剂日期数"},
    {"placebo_high", "安慰剂上界"},
    {"placebo_low", "安慰剂下界"},
    {"placebo_regions", "安慰剂地区数"},
    {"point", "预测值"},
    {"population", "人口"},
    {"progress", "进度"},
    {"published", "公布值"},
    {"ratio", "比率"},
    {"reached", "是否完成"},
    {"reason", "原因"},
    {"refunds", "退款额"},
    {"role", "角色"},
    {"self_sufficiency", "自给率"},
    {"series", "数列"},
    {"served", "承接消费额"},
    {"served_unplaced", "来源不明"},
    {"settled", "已分配"},
    {"share", "占比"},
    {"source", "来源"},
    {"statement", "表述"},
    {"subject", "标的"},
    {"subjects", "标的数"},
    {"target", "目标"},
    {"text", "算式"},
    {"theil", "泰尔指数"},
    {"theil_between", "组间泰尔指数"},
    {"theil_within", "组内泰尔指数"},
    {"total", "合计"},
    {"total_unplaced", "去向不明"},
    {"treated", "处理组"},
    {"treated_regions", "处理地区数"},
    {"trend", "趋势"},
    {"trend_deviation", "趋势差标准误"},
    {"trend_difference", "趋势差"},
    {"unit", "单位"},
    {"unplaced", "地点不明"},
    {"unsettled", "未分配"},
    {"upper_80", "80%上限"},
    {"upper_95", "95%上限"},
    {"value", "数值"},
    {"vintage", "发布版本"},
    {"visitors", "到访消费者数"},
    {"window", "窗口"},
    {"with_provider", "有销售方的消费额"},
    {"within", "组内其他成员"},
    {"work_status", "工作状态"},
    {"zero_days", "零值天数"},
};

// Of what any table may have.
constexpr Title kCommon[] = {
    {"coverage_complete", "完整报送日数"},
    {"coverage_expected", "应报送日数"},
    {"flags", "标记"},
    {"from", "来源地"},
    {"group", "地区组"},
    {"member", "成员"},
    {"pair", "对比组"},
    {"period", "时期"},
    {"region", "地区"},
    {"status", "状态"},
    {"to", "去向地"},
};

// Of what is made of a measure, $0.
constexpr Title kOfMeasures[] = {
    {"cagr", "$0年均增长率"},
    {"index", "$0指数"},
    {"location_quotient", "$0区位商"},
    {"per_capita", "人均$0"},
    {"prev", "$0环比"},
    {"prev_contribution", "$0环比贡献"},
    {"prev_contribution_rate", "$0环比贡献率"},
    {"prev_diff", "$0环比增减"},
    {"rank", "$0位次"},
    {"ratio_to_gdp", "$0相当于GDP比重"},
    {"share", "$0占比"},
    {"yoy", "$0同比"},
    {"yoy_contribution", "$0同比贡献"},
    {"yoy_contribution_rate", "$0同比贡献率"},
    {"yoy_diff", "$0同比增减"},
    {"ytd", "$0累计"},
    {"ytd_yoy", "$0累计同比"},
    {"ytd_yoy_diff", "$0累计同比增减"},
};

std::string_view Find(std::span<const Title> titles, std::string_view name) {
  const auto found =
      std::lower_bound(titles.begin(), titles.end(), name,
                       [](const Title& a, std::string_view b) { return a.name < b; });
  return found != titles.end() && found->name == name ? found->zh : std::string_view();
}

// Where `separator` first stands outside of parentheses; npos: nowhere.
size_t FindOutside(std::string_view text, std::string_view separator) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (depth == 0 && text.substr(i).starts_with(separator)) return i;
  }
  return std::string_view::npos;
}

// Cuts `text` at the separator; what stands behind it, empty when there is none.
std::string_view CutAt(std::string_view separator, std::string_view* text) {
  const size_t at = FindOutside(*text, separator);
  if (at == std::string_view::npos) return {};
  const std::string_view behind = text->substr(at + separator.size());
  *text = text->substr(0, at);
  return behind;
}

std::string WordTitle(std::string_view name) {
  // A dimension at a level.
  const std::string_view level = CutAt("@", &name);
  const std::string_view title = ChineseTitleOf(name);
  if (title.empty()) return "";
  return level.empty() ? std::string(title) : absl::StrCat(title, "@", level);
}

constexpr std::string_view kAscending = " asc";

// `净消费额占比（按消费类别）` of `share(net of category)`. Empty: a word of it has no title.
std::string ComposedTitle(std::string_view name) {
  const size_t open = name.find('(');
  if (open == std::string_view::npos || !name.ends_with(')')) return WordTitle(name);
  const std::string_view function = name.substr(0, open);
  std::string_view inner = name.substr(open + 1, name.size() - open - 2);
  if (function == "quantile") return absl::StrCat(WordTitle(function), "（", inner, "‱）");
  const std::string_view pattern = Find(kOfMeasures, function);
  const bool ascending = inner.ends_with(kAscending);
  if (ascending) inner.remove_suffix(kAscending.size());
  const std::string_view of = CutAt(" of ", &inner);
  const std::string_view how = CutAt(",", &inner);
  const std::string measure = ComposedTitle(inner);
  if (pattern.empty() || measure.empty()) return "";
  std::string title = absl::Substitute(pattern, measure);
  if (!of.empty()) absl::StrAppend(&title, "（按", WordTitle(of), "）");
  if (!how.empty()) absl::StrAppend(&title, "（", how, function == "cagr" ? "年）" : "）");
  if (ascending) absl::StrAppend(&title, "（升序）");
  return title;
}

}  // namespace

std::string TitleOf(std::string_view name, ColumnKind kind, std::string_view language) {
  if (!IsChinese(language)) return "";
  if (kind == ColumnKind::kStatistic) {
    if (const std::string_view title = Find(kStatistics, name); !title.empty()) {
      return std::string(title);
    }
  }
  if (const std::string_view title = Find(kCommon, name); !title.empty()) {
    return std::string(title);
  }
  if (std::string title = ComposedTitle(name); !title.empty()) return title;
  // Statistics have keys and measures of their own, too.
  return std::string(Find(kStatistics, name));
}

}  // namespace tidemark::analytics
