-- Accounts. The index, not the code, decides whether a mail address is taken.
CREATE TABLE "users" (
  "id" UUID NOT NULL,
  "email" TEXT NOT NULL,
  "display_name" TEXT NOT NULL,
  "locale" TEXT NOT NULL,
  "roles" TEXT[] NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "users_roles_check" CHECK ("roles" <@ ARRAY['customer', 'staff', 'admin'] AND cardinality("roles") > 0)
);
CREATE UNIQUE INDEX "users_email_key" ON "users" (lower("email"));

-- Password hashes, apart from what is read and shown. The version grows with each change.
CREATE TABLE "credentials" (
  "user_id" UUID NOT NULL,
  "password_hash" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "changed_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "credentials_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "credentials_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
  CONSTRAINT "credentials_password_hash_check" CHECK ("password_hash" LIKE '$argon2id$%')
);

-- Failed sign-ins by the SHA-256 of the mail address, known or not.
CREATE TABLE "login_failures" (
  "account" BYTEA NOT NULL,
  "failures" INTEGER NOT NULL,
  "since" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "login_failures_pkey" PRIMARY KEY ("account")
);
CREATE INDEX "login_failures_since_idx" ON "login_failures" ("since");

-- Sessions: what a sign-in began, the family of its refresh tokens.
CREATE TABLE "sessions" (
  "id" UUID NOT NULL,
  "user_id" UUID NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "revoked_at" TIMESTAMPTZ(6),
  CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "sessions_user_id_idx" ON "sessions" ("user_id");
CREATE INDEX "sessions_expires_at_idx" ON "sessions" ("expires_at");

-- Refresh tokens by their SHA-256. A used one stays until it would have expired, so that a second use is noticed.
CREATE TABLE "refresh_tokens" (
  "hash" BYTEA NOT NULL,
  "session_id" UUID NOT NULL,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "used_at" TIMESTAMPTZ(6),
  CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("hash"),
  CONSTRAINT "refresh_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions" ("id") ON DELETE CASCADE,
  CONSTRAINT "refresh_tokens_hash_check" CHECK (octet_length("hash") = 32)
);
CREATE INDEX "refresh_tokens_session_id_idx" ON "refresh_tokens" ("session_id");
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens" ("expires_at");

-- Postal addresses. Their ids belong to their user.
CREATE TABLE "addresses" (
  "user_id" UUID NOT NULL,
  "id" TEXT NOT NULL,
  "recipient" TEXT NOT NULL,
  "line1" TEXT NOT NULL,
  "line2" TEXT NOT NULL,
  "city" TEXT NOT NULL,
  "postal_code" TEXT NOT NULL,
  "region" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "addresses_pkey" PRIMARY KEY ("user_id", "id"),
  CONSTRAINT "addresses_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

-- Keys that sign access tokens. The private part is a JWK, sealed with AES-256-GCM where a secret is configured.
CREATE TABLE "signing_keys" (
  "kid" TEXT NOT NULL,
  "public_jwk" JSONB NOT NULL,
  "private_jwk" BYTEA NOT NULL,
  "sealed" BOOLEAN NOT NULL,
  "active_from" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);
