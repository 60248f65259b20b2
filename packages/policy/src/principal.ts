/** The user of a verified token. */
export interface Principal {
  /** `sub` of the token. */
  readonly subject: string;
  /** `scope` of the token. */
  readonly scopes: ReadonlySet<string>;
  /** `roles` of the token. */
  readonly roles: readonly string[];
  /** `sid` of the token: the session of the token, if its issuer sets one. */
  readonly sessionId?: string | undefined;
  /** The received token, to be forwarded to the next service. Never logged. */
  readonly token: string;
  /** `exp` of the token. */
  readonly expiresAt: Date;
}
