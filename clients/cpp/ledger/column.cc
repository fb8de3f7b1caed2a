#include "clients/cpp/ledger/column.h"

namespace tidemark::ledger {
namespace {

struct ColumnInfo {
  std::string_view name;
  ColumnType type;
};

constexpr ColumnInfo kColumns[kColumnCount] = {
    {"", ColumnType::kText},
    {"record_kind", ColumnType::kSmall},
    {"source", ColumnType::kText},
    {"id", ColumnType::kText},
    {"revision", ColumnType::kInteger},
    {"kind", ColumnType::kSmall},
    {"event_time", ColumnType::kInteger},
    {"original_source", ColumnType::kText},
    {"original_id", ColumnType::kText},
    {"order", ColumnType::kText},
    {"transaction_scheme", ColumnType::kText},
    {"transaction_id", ColumnType::kText},
    {"reporting_role", ColumnType::kSmall},
    {"consumer_scheme", ColumnType::kText},
    {"pseudonym", ColumnType::kFixed16},
    {"pseudonym_epoch", ColumnType::kInteger},
    {"consumer_region", ColumnType::kText},
    {"provider_region", ColumnType::kText},
    {"place_of_use", ColumnType::kText},
    {"category", ColumnType::kText},
    {"product", ColumnType::kText},
    {"provider", ColumnType::kText},
    {"segment", ColumnType::kSmall},
    {"channel", ColumnType::kSmall},
    {"payment_method", ColumnType::kText},
    {"age_band", ColumnType::kText},
    {"area_type", ColumnType::kSmall},
    {"income_band", ColumnType::kText},
    {"scenario", ColumnType::kText},
    {"project", ColumnType::kText},
    {"activity", ColumnType::kText},
    {"amount", ColumnType::kInteger},
    {"voucher_amount", ColumnType::kInteger},
    {"quantity", ColumnType::kInteger},
    {"attributes", ColumnType::kText},
    {"principal", ColumnType::kText},
    {"original_leaf", ColumnType::kLink},
    {"resolves", ColumnType::kText},
    {"previous_leaf", ColumnType::kLink},
    {"transaction_leaf", ColumnType::kLink},
    {"commitment", ColumnType::kText},
    {"control", ColumnType::kText},
};

}  // namespace

ColumnType TypeOf(Column column) { return kColumns[static_cast<size_t>(column)].type; }
std::string_view NameOf(Column column) { return kColumns[static_cast<size_t>(column)].name; }

}  // namespace tidemark::ledger
