import { describe, expect, it } from "vitest";
import { committed, type Reservation, type ReservationStatus, released, reserved } from "./reservation.ts";

const items = [
  { sku: "a", quantity: 1 },
  { sku: "b", quantity: 2 },
];
const aReservation = (status: ReservationStatus): Reservation => ({ orderId: "O-1", status, items });
const reasonOf = (attempt: () => unknown) => {
  try {
    attempt();
    return "none";
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
};

describe("a reservation", () => {
  it.each([
    ["held", "none", "RESERVATION_CLOSED", "none"],
    ["committed", "none", "none", "RESERVATION_COMMITTED"],
    ["released", "RESERVATION_CLOSED", "RESERVATION_CLOSED", "none"],
    ["expired", "RESERVATION_CLOSED", "RESERVATION_CLOSED", "none"],
    ["returned", "RESERVATION_CLOSED", "RESERVATION_CLOSED", "none"],
  ] as const)("that is %s returns %s, %s, %s for reserve, commit and release", (status, reserve, commit, release) => {
    const reservation = aReservation(status);
    expect(reasonOf(() => reserved(reservation, items))).toBe(reserve);
    expect(reasonOf(() => committed(reservation))).toBe(commit);
    expect(reasonOf(() => released(reservation))).toBe(release);
  });

  it("is of the requested items, in any order", () => {
    const held = aReservation("held");
    expect(reserved(held, items.toReversed())).toBe(held);
    const others = [
      items.slice(1),
      [...items, { sku: "c", quantity: 1 }],
      items.map((item) => ({ ...item, quantity: 9 })),
    ];
    for (const other of others) expect(reasonOf(() => reserved(held, other))).toBe("RESERVATION_DIFFERS");
  });
});
