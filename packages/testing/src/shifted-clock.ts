// Loaded by `node --import` before a process of a test: shifts its wall clock by KONTOR_TEST_CLOCK_SHIFT milliseconds.
const shiftMs = Number(process.env.KONTOR_TEST_CLOCK_SHIFT ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: [] | ConstructorParameters<DateConstructor>) {
    if (given.length === 0) super(RealDate.now() + shiftMs);
    else super(...given);
  }
  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
