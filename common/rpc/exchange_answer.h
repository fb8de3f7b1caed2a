#ifndef TIDEMARK_COMMON_RPC_EXCHANGE_ANSWER_H_
#define TIDEMARK_COMMON_RPC_EXCHANGE_ANSWER_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>

#include "absl/status/status.h"

namespace tidemark::rpc {

// The messages of our exchanges have the same outside: the caller's number for the message, and in
// an answer what the message asked for, or why it failed. Their field numbers.
inline constexpr int kExchangeSequenceField = 1;  // uint64
inline constexpr int kExchangeResponseField = 2;  // a message
inline constexpr int kExchangeErrorField = 3;     // google.rpc.Status

// The serialized answer, around `response` as it is; that is not looked at unless `status` is OK.
grpc::ByteBuffer WrapExchangeAnswer(uint64_t sequence, const absl::Status& status,
                                    const grpc::ByteBuffer& response);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_EXCHANGE_ANSWER_H_
