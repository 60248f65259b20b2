-- Where mails to a user go, as users told last.
CREATE TABLE recipients (
  user_id      text        PRIMARY KEY,
  email        text        NOT NULL CHECK (email <> ''),
  display_name text        NOT NULL,
  locale       text        NOT NULL,
  updated_at   timestamptz NOT NULL
);

-- One row per event that a user is told of. It may be sent several times: sends_done of sends_requested are over.
-- A queued row is taken by setting lease, and comes back at next_attempt_at. Not a foreign key: the user may be heard of later.
CREATE TABLE notifications (
  id              text        PRIMARY KEY,
  event_id        uuid        NOT NULL UNIQUE,
  user_id         text        NOT NULL,
  order_id        text        NOT NULL,
  template        text        NOT NULL,
  facts           jsonb       NOT NULL,
  channel         text        NOT NULL DEFAULT 'email' CHECK (channel = 'email'),
  recipient       text        NOT NULL DEFAULT '',
  subject         text        NOT NULL DEFAULT '',
  status          text        NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
  sends_requested integer     NOT NULL DEFAULT 1,
  sends_done      integer     NOT NULL DEFAULT 0 CHECK (sends_done BETWEEN 0 AND sends_requested),
  attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  lease           uuid,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  created_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'queued') = (sends_done < sends_requested))
);

CREATE INDEX notifications_due_idx ON notifications (next_attempt_at) WHERE status = 'queued';
CREATE INDEX notifications_of_user_idx ON notifications (user_id, id);
CREATE INDEX notifications_of_order_idx ON notifications (order_id, id);
CREATE INDEX notifications_by_status_idx ON notifications (status, id);

-- Every attempt to deliver, appended and never changed.
CREATE TABLE delivery_attempts (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  notification_id text        NOT NULL REFERENCES notifications (id),
  send            integer     NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  outcome         text        NOT NULL,
  delivered       boolean     NOT NULL
);

CREATE INDEX delivery_attempts_of_notification_idx ON delivery_attempts (notification_id, id);
