/** Who a verified token speaks for. */
export interface Principal {
  /** `sub` of the token. */
  readonly subject: string;
  /** `scope` of the token. */
  readonly scopes: ReadonlySet<string>;
  /** `roles` of the token. */
  readonly roles: readonly string[];
  /** `sid` of the token: the session that it belongs to, if its issuer says so. */
  readonly sessionId?: string | undefined;
  /** The token as it came, to be passed on to the next service. Never logged. */
  readonly token: string;
  /** `exp` of the token. */
  readonly expiresAt: Date;
}
