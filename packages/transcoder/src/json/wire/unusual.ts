/** Thrown at what is legal, or may be, but not what encoders write: the library is asked then. One object, made once. */
export const unusual = Symbol("unusual");
