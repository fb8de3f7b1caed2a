#!/usr/bin/env bash
# Compiles the Java classes of Tidemark's contract into a folder, with links to the libraries of Debian that they need in
# its lib: both belong on the class path.
#   clients/java/generate.sh OUT_DIR
set -euo pipefail
[[ $# == 1 ]] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
google=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
mkdir -p "$1/lib"
for jar in protobuf guava perfmark-api grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} \
  netty-{buffer,codec,codec-http,codec-http2,codec-socks,common,handler,handler-proxy,resolver,transport}; do
  ln -sf "/usr/share/java/$jar.jar" "$1/lib"
done
mapfile -t files < <(cd "$root/protos" && find tidemark -path tidemark/internal -prune -o -name '*.proto' -print)
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
protoc -I"$root/protos" -I"$root/clients" -I"$google" --java_out="$sources" --grpc-java_out="$sources" \
  --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" "${files[@]}" google/rpc/{status,error_details}.proto
# The annotation is not in JDKs of today.
find "$sources" -name '*Grpc.java' -exec sed -i '/^@javax.annotation.Generated(/,/)$/d' {} +
# One call, whose list is a file of any length: what refers to each other is compiled together.
find "$sources" -name '*.java' -printf '"%p"\n' > "$sources/list"
javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -nowarn -proc:none -cp "$1/lib/*" -d "$1" "@$sources/list"
