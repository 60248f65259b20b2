import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { defineUpdate } from "@kontor/rpc";
import { type Address as AddressMessage, AddressSchema } from "@kontor/shop/contracts/users/v1/address";
import { type User as UserMessage, UserSchema } from "@kontor/shop/contracts/users/v1/user";
import { readText } from "@kontor/text";
import { ADDRESS_FIELDS, type Address } from "../domain/address.ts";
import type { Profile, User } from "../domain/user.ts";
import { addressMessage, userMessage } from "./messages.ts";

const domain = "users.shop";
const userUpdate = defineUpdate(UserSchema, { resource: "user", domain, changeable: ["displayName", "locale"] });
const addressUpdate = defineUpdate(AddressSchema, { resource: "address", domain, changeable: ADDRESS_FIELDS });

/** Returns the changes of UpdateUser to the stored account. */
export function profileChangesOf(
  user: UserMessage | undefined,
  mask: FieldMask | undefined,
): (stored: User) => Partial<Profile> {
  const changesOf = userUpdate.read(user, mask);
  return (stored) => textsOf(changesOf(userMessage(stored)));
}

/** Returns the changes of UpdateAddress to the stored address. */
export function addressChangesOf(
  address: AddressMessage | undefined,
  mask: FieldMask | undefined,
): (stored: Address) => Partial<Omit<Address, "id">> {
  const changesOf = addressUpdate.read(address, mask);
  return (stored) => textsOf(changesOf(addressMessage(stored)));
}

/** Returns texts in stored form; a cleared text is empty. */
function textsOf<F extends string>(changes: { readonly [Field in F]?: string | undefined }): { [Field in F]?: string } {
  const texts = Object.entries<string | undefined>(changes).map(([field, text = ""]) => [field, readText(text)]);
  return Object.fromEntries(texts) as { [Field in F]?: string };
}
