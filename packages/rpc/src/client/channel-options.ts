import type { ChannelOptions } from "@grpc/grpc-js";

const BASE: ChannelOptions = {
  "grpc.max_receive_message_length": 4 * 1024 * 1024,
  // A peer that vanished without a word is noticed within half a minute, and looked for again soon.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Only what a peer that goes away refused before any work on it (gRFC A6). Other retries are made in one layer, and it is not this one.
  "grpc.enable_retries": 1,
  // Names are resolved again when a connection ends: often enough to find new replicas as soon as servers let connections age.
  "grpc.dns_min_time_between_resolutions_ms": 1_000,
  "grpc.service_config_disable_resolution": 1,
  "grpc.enable_http_proxy": 0,
  "grpc-node.max_session_memory": 64,
};

/** The options of a channel to this address. */
export function channelOptions(address: string): ChannelOptions {
  if (!/^(dns|ipv4|ipv6|kubernetes):/.test(address)) return BASE;
  const loadBalancingConfig = [{ round_robin: {} }];
  return { ...BASE, "grpc.service_config": JSON.stringify({ loadBalancingConfig }) };
}
