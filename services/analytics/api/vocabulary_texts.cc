#include "services/analytics/api/vocabulary_texts.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/status/error.h"
#include "services/analytics/query/vocabulary.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

struct Text {
  std::string_view name;
  std::string_view title_en;
  std::string_view definition_en;
  std::string_view title_zh;
  std::string_view definition_zh;
};

// In the order of MeasureWords().
constexpr Text kMeasureTexts[] = {
    {"gross", "Gross", "Sum of the amounts of purchases.", "消费总额", "购买金额之和。"},
    {"refunds", "Refunds", "Sum of the amounts of refunds that count.", "退款额",
     "计入的退款金额之和。"},
    {"unlinked_refunds", "Unlinked refunds",
     "Sum of the amounts of refunds that name no original purchase.", "未关联退款额",
     "未指明原购买的退款金额之和。"},
    {"net", "Net", "gross − refunds.", "净消费额", "消费总额减退款额。"},
    {"voucher", "Vouchers", "Part of gross that public vouchers paid.", "消费券额",
     "消费总额中由公共消费券支付的部分。"},
    {"events", "Events", "Number of purchases, refunds and service uses that count.", "事件数",
     "计入的购买、退款和服务使用的次数。"},
    {"purchases", "Purchases", "Number of purchases.", "购买笔数", "购买的次数。"},
    {"uses", "Service uses", "Number of uses of a service without payment.", "服务使用次数",
     "无支付的服务使用次数。"},
    {"quantity", "Quantity", "Items purchased − items refunded.", "数量", "购买件数减退款件数。"},
    {"orders", "Orders", "Number of different orders; an order is known by source and number.",
     "订单数", "不同订单的个数，订单以报送单位和订单号识别。"},
    {"consumers", "Consumers",
     "Number of different pseudonyms with a purchase or service use, exact; identified_share "
     "stands "
     "beside it.",
     "消费者数", "有购买或服务使用的不同假名的精确个数；同时给出可识别占比。"},
    {"new_consumers", "New consumers",
     "Pseudonyms whose first purchase or service use in the whole log, whatever the filter, lies "
     "in "
     "the period. LEFT_CENSORED in the first twelve months of reporting.",
     "新消费者数",
     "在整个日志中首次购买或使用服务（不受筛选影响）落在该时期的假名个数；报送开始后十二个月内标 "
     "LEFT_CENSORED。"},
    {"identified_share", "Identified share", "Gross of purchases with a pseudonym ÷ gross.",
     "可识别占比", "带假名的购买金额 ÷ 消费总额。"},
    {"average_line", "Average per purchase", "gross ÷ purchases, in units of the currency.",
     "笔均金额", "消费总额 ÷ 购买笔数，以货币单位计。"},
    {"average_order", "Average per order", "gross ÷ orders, in units of the currency.", "单均金额",
     "消费总额 ÷ 订单数，以货币单位计。"},
    {"quantile", "Quantile",
     "Amount of the purchase at rank ⌈q·n/10000⌉ of n, smallest first; q in ten-thousandths, 5000 "
     "is "
     "the median (the lower one of an even number).",
     "分位数", "购买金额由小到大第 ⌈q·n/10000⌉ 笔的金额；q 以万分之一计，5000 为中位数。"},
    {"refund_rate", "Refund rate", "refunds ÷ gross of the same period.", "退款率",
     "同一时期的退款额 ÷ 消费总额。"},
    {"pending_refunds", "Pending refunds",
     "Sum of the amounts of refunds whose original purchase is not in the log; they do not count.",
     "待定退款额", "原购买尚未入账的退款金额之和，不计入。"},
    {"void_refunds", "Void refunds",
     "Sum of the amounts of refunds that would give back more than their original took; they do "
     "not "
     "count.",
     "无效退款额", "超出原购买金额的退款金额之和，不计入。"},
    {"refund_rate_cohort", "Refund rate of the purchases",
     "Refunds ever made of the period's purchases, as far as they name them, ÷ gross of the "
     "period.",
     "同批退款率", "该时期购买迄今发生的（已指明原购买的）退款额 ÷ 该时期消费总额。"},
};
static_assert(std::size(kMeasureTexts) == kMeasureCount);

// In the order of DimensionWords().
constexpr Text kDimensionTexts[] = {
    {"source", "Source", "Reporting source.", "报送单位", "报送事件的单位。"},
    {"consumer_region", "Consumer's region", "Region of the consumer's residence.", "消费者地区",
     "消费者常住地区。"},
    {"provider_region", "Seller's region", "Region of the seller.", "销售方地区",
     "销售方所在地区。"},
    {"place_of_use", "Place of use", "Region where the product or service was used.", "使用地",
     "商品或服务的使用地区。"},
    {"category", "Category", "Category of consumption.", "消费类别", "消费分类。"},
    {"product", "Product", "Product code as reported.", "商品", "报送的商品代码。"},
    {"provider", "Seller", "Seller code as reported.", "销售方", "报送的销售方代码。"},
    {"segment", "Segment", "Who consumes: persons, enterprises or the public sector.", "消费主体",
     "个人、企业或公共部门。"},
    {"channel", "Channel", "Sales channel: online, offline or both.", "渠道", "线上、线下或融合。"},
    {"payment_method", "Payment method", "How it was paid, as reported.", "支付方式",
     "报送的支付方式。"},
    {"age_band", "Age band", "Age band of the consumer, as reported.", "年龄段",
     "报送的消费者年龄段。"},
    {"area_type", "Area type", "Urban or rural residence of the consumer.", "城乡",
     "消费者居住地为城镇或农村。"},
    {"income_band", "Income band", "Income band of the consumer, as reported.", "收入段",
     "报送的消费者收入段。"},
    {"scenario", "Scenario", "Application scenario.", "应用场景", "应用场景。"},
    {"project", "Project", "Demonstration project.", "示范项目", "示范项目。"},
    {"activity", "Activity", "Activity (campaign) that led to the event.", "活动",
     "促成事件的活动。"},
    {"kind", "Kind", "What happened: purchase, refund or service_use.", "事件类型",
     "购买、退款或服务使用。"},
    {"consumer_scheme", "Consumer's scheme", "Identifier scheme of the consumer's pseudonym.",
     "标识体系", "消费者假名所属的标识体系。"},
    {"reporting_role", "Reporting role", "Part of the source in the transaction.", "报送角色",
     "报送单位在交易中的角色。"},
};
static_assert(std::size(kDimensionTexts) == kFieldCount);

constexpr Text kGrainTexts[] = {
    {"hour", "Hour",
     "60 minutes of the observatory's clock under one offset, named 2024-03-05T14+08:00.", "小时",
     "观测站时钟同一时差下的一小时，写作 2024-03-05T14+08:00。"},
    {"day", "Day", "Calendar day, named 2024-03-05.", "日", "日历日，写作 2024-03-05。"},
    {"week", "Week", "ISO 8601 week from Monday to Sunday, named 2024-W09.", "周",
     "ISO 8601 周，周一至周日，写作 2024-W09。"},
    {"month", "Month", "Calendar month, named 2024-03.", "月", "日历月，写作 2024-03。"},
    {"quarter", "Quarter", "Calendar quarter, named 2024-Q1.", "季度", "日历季度，写作 2024-Q1。"},
    {"half_year", "Half-year", "Calendar half-year, named 2024-H1.", "半年",
     "日历半年，写作 2024-H1。"},
    {"year", "Year", "Calendar year, named 2024.", "年", "日历年，写作 2024。"},
    {"all", "All", "The whole range as one period.", "全部", "整个范围为一个时期。"},
};

constexpr Text kComparisonTexts[] = {
    {"prev", "On the period before",
     "value − base, and (value − base) ÷ base, with the period before as base.", "环比",
     "与上一时期相比：差，以及差 ÷ 基数。"},
    {"yoy", "On the year before",
     "value − base, and (value − base) ÷ base, with the same period a year before as base; week 53 "
     "with week 52.",
     "同比", "与上年同期相比：差，以及差 ÷ 基数；第 53 周与第 52 周相比。"},
    {"ytd", "Year to date",
     "The measure from the start of the fiscal year to the end of the period, no comparison by "
     "itself.",
     "累计", "自财年初至本期末的累计值。"},
    {"ytd_yoy", "Year to date on the year before",
     "value − base, and (value − base) ÷ base, of the year to date, with that of the same period a "
     "year before as base.",
     "累计同比", "累计值与上年同期累计值相比：差，以及差 ÷ 基数。"},
};

constexpr Text kFigureTexts[] = {
    {"per_capita", "Per capita",
     "The measure ÷ population of the row's place in the year of the period's last day, as the "
     "catalog states it; resident people in the middle of the year unless asked otherwise. "
     "Part-years are not made into years.",
     "人均",
     "指标值 ÷ 该地区在该时期最后一日所在年份的人口（取自目录；默认年中常住人口）。不足一年的时期不"
     "作年化。"},
    {"ratio_to_gdp", "Ratio to GDP",
     "The measure ÷ gross domestic product of the row's place in the very period, as the catalog "
     "states it.",
     "相当于GDP比重", "指标值 ÷ 该地区同一时期的地区生产总值（取自目录）。"},
};

void Write(const Text& text, bool zh, v1::Term* term) {
  term->set_name(std::string(text.name));
  term->set_title(std::string(zh ? text.title_zh : text.title_en));
  term->set_definition(std::string(zh ? text.definition_zh : text.definition_en));
}

void WriteLevels(const DimensionWord& word, v1::Term* term) {
  if (word.codes == CodeKind::kRegions) {
    for (const std::string_view level : RegionLevelNames().subspan(1)) {
      term->add_levels(std::string(level));
    }
  } else if (word.codes == CodeKind::kCategories) {
    for (int level = 1; level <= kMaxCategoryLevel; ++level) term->add_levels(absl::StrCat(level));
  }
}

}  // namespace

bool IsChinese(std::string_view language) {
  return absl::EqualsIgnoreCase(language, "zh") || absl::StartsWithIgnoreCase(language, "zh-");
}

std::string_view ChineseTitleOf(std::string_view word) {
  using Texts = absl::Span<const Text>;
  for (const Texts texts : {Texts(kMeasureTexts), Texts(kDimensionTexts)}) {
    const auto found =
        std::find_if(texts.begin(), texts.end(), [word](const Text& t) { return t.name == word; });
    if (found != texts.end()) return found->title_zh;
  }
  return {};
}

std::string_view UnitNameOf(Unit unit) {
  constexpr std::string_view kNames[] = {"money",      "count",  "items",
                                         "pseudonyms", "orders", "ratio"};
  return kNames[static_cast<int>(unit)];
}

std::string_view DefinitionOf(Measure measure, std::string_view language) {
  const std::string_view name = WordOf(measure).name;
  const auto text = std::find_if(std::begin(kMeasureTexts), std::end(kMeasureTexts),
                                 [name](const Text& t) { return t.name == name; });
  return IsChinese(language) ? text->definition_zh : text->definition_en;
}

absl::Status WriteVocabulary(std::string_view language, v1::GetVocabularyResponse* out) {
  const bool zh = IsChinese(language);
  const bool en = language.empty() || absl::EqualsIgnoreCase(language, "en") ||
                  absl::StartsWithIgnoreCase(language, "en-");
  if (!zh && !en) {
    return status::InvalidArgument(
        "language", absl::StrCat("`", language.substr(0, 40), "`; want `en` or `zh`"),
        "LANGUAGE_INVALID");
  }
  for (int i = 0; i < kMeasureCount; ++i) {
    v1::Term* term = out->add_measures();
    Write(kMeasureTexts[i], zh, term);
    term->set_unit(std::string(UnitNameOf(MeasureWords()[i].unit)));
  }
  for (int i = 0; i < kFieldCount; ++i) {
    v1::Term* term = out->add_dimensions();
    Write(kDimensionTexts[i], zh, term);
    WriteLevels(DimensionWords()[i], term);
  }
  for (const Text& text : kGrainTexts) Write(text, zh, out->add_grains());
  for (const Text& text : kComparisonTexts) Write(text, zh, out->add_comparisons());
  for (const Text& text : kFigureTexts) Write(text, zh, out->add_figures());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
