import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Address as AddressMessage } from "@kontor/shop/contracts/users/v1/address";
import { present, readText } from "@kontor/text";
import type { Session } from "../commands/grant-session.ts";
import type { Address } from "../domain/address.ts";
import type { User } from "../domain/user.ts";

export function userMessage(user: User) {
  const { id, email, displayName, locale, roles } = user;
  const createdAt: Timestamp = timestampFromDate(user.createdAt);
  return { id, email, ...present({ displayName }), locale, roles: [...roles], createdAt };
}

export function sessionMessage({ accessToken, expiresInSeconds, refreshToken, userId }: Session) {
  return { accessToken, tokenType: "Bearer", expiresIn: expiresInSeconds, refreshToken, userId };
}

/** Returns the address of a request, with its texts in stored form; empty if there is none. */
export function addressOf(message: AddressMessage | undefined): Address {
  const text = (field: Exclude<keyof AddressMessage, "$typeName" | "$unknown">) => readText(message?.[field] ?? "");
  return {
    id: message?.id ?? "",
    recipient: text("recipient"),
    line1: text("line1"),
    line2: text("line2"),
    city: text("city"),
    postalCode: text("postalCode"),
    region: text("region"),
    country: text("country"),
  };
}

export function addressMessage({ line2, region, ...address }: Address) {
  return { ...address, ...present({ line2, region }) };
}
