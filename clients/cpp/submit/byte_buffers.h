#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_BYTE_BUFFERS_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_BYTE_BUFFERS_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <memory>
#include <string>
#include <vector>

namespace tidemark::submit {

// gRPC may hold the slice longer than the call: a share of the string lives until it lets go.
inline grpc::Slice ShareBytes(const std::shared_ptr<std::string>& bytes) {
  auto* share = new std::shared_ptr<std::string>(bytes);
  return grpc::Slice(
      bytes->data(), bytes->size(),
      [](void* user_data) { delete static_cast<std::shared_ptr<std::string>*>(user_data); }, share);
}

// Empty when the buffer cannot be read.
inline std::string CopyBytes(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_BYTE_BUFFERS_H_
