#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_ORDER_HASH_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_ORDER_HASH_H_

#include <string_view>

#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/id_dictionary.h"

namespace tidemark::analytics {

// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein).
Key16 SipHash128(const Key16& key, std::string_view message);

// What stands for (source, order) in the order dictionary: SipHash of the source's code (4 bytes)
// and the order, keyed by the log's name. Two orders share a number only when 128 bits agree.
Key16 OrderKey(const Key16& log_key, CodeId source, std::string_view order);

// The key of a log from its name of 32 hexadecimal digits.
Key16 LogKey(std::string_view log_id);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_ORDER_HASH_H_
