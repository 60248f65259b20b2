import type { ChannelOptions } from "@grpc/grpc-js";

const BASE: ChannelOptions = {
  "grpc.max_receive_message_length": 4 * 1024 * 1024,
  // A peer that vanished without a word is noticed within half a minute, and looked for again soon.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Retries are made in one layer, and it is not this one.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.enable_http_proxy": 0,
  "grpc-node.max_session_memory": 64,
};

/** The options of a channel to this address. */
export function channelOptions(address: string): ChannelOptions {
  if (!address.startsWith("dns:")) return BASE;
  const loadBalancingConfig = [{ round_robin: {} }];
  return { ...BASE, "grpc.service_config": JSON.stringify({ loadBalancingConfig }) };
}
