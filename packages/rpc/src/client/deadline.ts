import { NO_DEADLINE } from "../call-context.ts";

/** A deadline as grpc-js takes it, which throws at one too far away to be written. */
export function grpcDeadline(deadline: Date | undefined): Date | number {
  return deadline && deadline.getTime() < NO_DEADLINE ? deadline : Number.POSITIVE_INFINITY;
}
