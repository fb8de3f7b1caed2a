#include "services/analytics/api/note_titles.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "services/analytics/api/vocabulary_texts.h"

namespace tidemark::analytics {
namespace {

struct Title {
  std::string_view code;
  std::string_view zh;
};

// By code.
constexpr Title kTitles[] = {
    {"ANNUALISED", "按月数折算成全年，仅示量级"},
    {"ASSET_SCOPE", "仅含所共享数据资产的范围"},
    {"FEW_CONTROLS", "对照地区过少"},
    {"GDP", "所用地区生产总值的出处"},
    {"GEOGRAPHY_FIXED", "地区与地区组按指定日期的状态"},
    {"GEOGRAPHY_PERIOD_END", "地区与地区组按各期末的状态"},
    {"GROUP_NOT_MET", "所列人群没有任何事件"},
    {"HISTORY_CUT", "历史数列有缺口，仅用其后部分"},
    {"LOWER_BOUND", "只反映组间差异，为下界"},
    {"MEMBERSHIP_EMPTY", "部分时期地区组没有已知成员"},
    {"MEMBERSHIP_INCOMPLETE", "地区组成员名单不全"},
    {"NAIVE_GROWTH", "简单增长率把部分时期当作全年，不可发布"},
    {"NESTED_PLACES", "所列地区互有包含"},
    {"NOT_CERTIFIED", "估计值，不作认证"},
    {"NO_EVENTS", "没有可计入的事件"},
    {"NO_HISTORY", "没有历史数据"},
    {"NO_SEASON", "历史不足两个季节周期"},
    {"OTHER_CURRENCIES", "另有其他币种的应付额，不在此列"},
    {"PANEL_AS_REPORTED", "按全部报送单位比较，非可比口径"},
    {"PANEL_MATCHED", "按可比口径比较"},
    {"PARTIAL", "数据未报全"},
    {"PARTIAL_DAYS", "部分日期数据未报全"},
    {"PARTIAL_HISTORY", "部分历史时期数据未报全"},
    {"PARTIAL_LEFT_OUT", "未报全的时期未采用"},
    {"PARTIAL_SOURCES", "部分报送单位在整期内未报全，增速为空"},
    {"PERIOD_MISMATCH", "仅有其他时期的数值，不与目标比较"},
    {"PLACEBO_RANGE", "安慰剂范围不是置信区间"},
    {"POPULATION", "所用人口的出处"},
    {"POPULATION_WHOLE", "以全部人口为分母"},
    {"PRE_TREND", "活动前趋势不一致，比较不成立"},
    {"P_FLOOR", "安慰剂过少，p值有下限"},
    {"REGION_SCOPE", "仅含令牌可查看的地区"},
    {"SYNTHETIC", "合成数据，不反映真实消费"},
    {"TO_DATE", "按已过天数同期比较"},
    {"USE_AS_METERED", "使用量按询问时的计量，不在快照之内"},
};
static_assert(std::is_sorted(std::begin(kTitles), std::end(kTitles),
                             [](const Title& a, const Title& b) { return a.code < b.code; }));

}  // namespace

std::string_view NoteTitleOf(std::string_view code, std::string_view language) {
  if (!IsChinese(language)) return {};
  const auto found = std::lower_bound(
      std::begin(kTitles), std::end(kTitles), code,
      [](const Title& title, std::string_view wanted) { return title.code < wanted; });
  return found != std::end(kTitles) && found->code == code ? found->zh : std::string_view();
}

void WriteNotes(const std::vector<PlanNote>& notes, std::string_view language,
                google::protobuf::RepeatedPtrField<v1::Note>* out) {
  for (const PlanNote& note : notes) {
    v1::Note& told = *out->Add();
    told.set_code(note.code);
    told.set_message(note.message);
    told.set_title(std::string(NoteTitleOf(note.code, language)));
  }
}

}  // namespace tidemark::analytics
