// Debian 12 has gRPC for Go with a protobuf runtime that is older than the generated packages: they are written by their
// own runtime. Modules of today do not need this file.
package main

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/proto"
)

type codec struct{}

func (codec) Marshal(v interface{}) ([]byte, error)   { return proto.Marshal(v.(proto.Message)) }
func (codec) Unmarshal(b []byte, v interface{}) error { return proto.Unmarshal(b, v.(proto.Message)) }
func (codec) Name() string                            { return "proto" }

func init() { encoding.RegisterCodec(codec{}) }
