"""What a server says about itself: grpc.reflection.v1alpha by hand, as Debian has no Python package for it."""

from google.protobuf import descriptor_pb2

PATH = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
FILE_CONTAINING_SYMBOL, LIST_SERVICES = 4, 7  # of ServerReflectionRequest
FILES, SERVICES, ERROR = 4, 6, 7              # of ServerReflectionResponse


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _fields(data):
    """(number, bytes) of a message's length-delimited fields; numbers are passed over."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        size, at = _varint(data, at)
        if tag & 7 == 2:
            yield tag >> 3, data[at:at + size]
            at += size
        elif tag & 7:
            raise ValueError(f"wire type {tag & 7}")


def _ask(channel, number, text):
    request = bytes([number << 3 | 2, len(text)]) + text.encode()
    answer = next(iter(channel.stream_stream(PATH, bytes, bytes)(iter([request]), timeout=30)))
    return list(_fields(answer))


def services(channel):
    """Full names of the services of a server."""
    return {dict(_fields(service))[1].decode() for number, listed in _ask(channel, LIST_SERVICES, "")
            if number == SERVICES for _, service in _fields(listed)}


def methods(channel, service):
    """"/package.Service/Method" -> MethodDescriptorProto, as the server describes it."""
    for number, files in _ask(channel, FILE_CONTAINING_SYMBOL, service):
        for _, serialized in _fields(files) if number == FILES else ():
            file = descriptor_pb2.FileDescriptorProto.FromString(serialized)
            for described in file.service:
                if f"{file.package}.{described.name}" == service:
                    return {f"/{service}/{method.name}": method for method in described.method}
    raise LookupError(f"the server does not describe {service}")
