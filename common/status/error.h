#ifndef TIDEMARK_COMMON_STATUS_ERROR_H_
#define TIDEMARK_COMMON_STATUS_ERROR_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

// Errors with google.rpc details, kept as payloads of absl::Status. What a program reads is the
// reason: UPPER_SNAKE_CASE, stable for ever. What a person reads is the message: name the field,
// its value and what is wanted.
namespace tidemark::status {

inline constexpr std::string_view kErrorDomain = "tidemark";

using Metadata = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT "`field`: `message`" with BadRequest{field, message} and ErrorInfo{reason}.
absl::Status InvalidArgument(std::string_view field, std::string_view message,
                             std::string_view reason);

// One more field that is wrong: adds to the BadRequest of `status`. OK is returned unchanged.
absl::Status WithFieldViolation(absl::Status status, std::string_view field,
                                std::string_view message);

// Attaches ErrorInfo{reason, domain "tidemark", metadata}; replaces an earlier one. OK is
// returned unchanged.
absl::Status WithReason(absl::Status status, std::string_view reason,
                        const Metadata& metadata = {});

// Attaches RetryInfo. OK is returned unchanged.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// `prefix` + ": " + message, with code and details kept. OK is returned unchanged.
absl::Status Prefixed(std::string_view prefix, const absl::Status& status);

// The ErrorInfo's reason, empty when there is none.
std::string ReasonOf(const absl::Status& status);
// The ErrorInfo's metadata value, empty when there is none.
std::string MetadataOf(const absl::Status& status, std::string_view key);
// The first field of the BadRequest, empty when there is none.
std::string FieldOf(const absl::Status& status);
// The RetryInfo's delay, absl::InfiniteDuration() when there is none.
absl::Duration RetryAfterOf(const absl::Status& status);

}  // namespace tidemark::status

#endif  // TIDEMARK_COMMON_STATUS_ERROR_H_
