-- Times are milliseconds since 1970 UTC. Ids are identity columns from 1001, but for parcels and interchanges, whose
-- numbers are time-ordered and given by the hub. `*_key` columns hold the folded form that is compared and unique.

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    wrapped {bytes} NOT NULL
);

CREATE TABLE networks (
    network_id {id},
    unique_id TEXT NOT NULL,
    unique_key TEXT NOT NULL CONSTRAINT networks_unique_key UNIQUE,
    company_name TEXT NOT NULL,
    status TEXT NOT NULL,
    routing_policy TEXT NOT NULL,
    shape TEXT,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);

-- The data key that seals the keys of a network's users, wrapped by the master key.
CREATE TABLE data_keys (
    network_id BIGINT PRIMARY KEY REFERENCES networks (network_id),
    wrapped {bytes} NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE mailboxes (
    mailbox_id {id},
    network_id BIGINT NOT NULL REFERENCES networks (network_id),
    unique_id TEXT NOT NULL,
    unique_key TEXT NOT NULL,
    company_name TEXT NOT NULL,
    status TEXT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    CONSTRAINT mailboxes_unique_key UNIQUE (network_id, unique_key)
);

CREATE TABLE trading_ids (
    trading_id {id},
    network_id BIGINT NOT NULL REFERENCES networks (network_id),
    mailbox_id BIGINT NOT NULL REFERENCES mailboxes (mailbox_id),
    qualifier TEXT NOT NULL,
    edi_id TEXT NOT NULL,
    qualifier_key TEXT NOT NULL,
    edi_id_key TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    routing_group TEXT NOT NULL,
    standard TEXT NOT NULL,
    use_type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);
CREATE INDEX trading_ids_address ON trading_ids (qualifier_key, edi_id_key);
CREATE INDEX trading_ids_mailbox ON trading_ids (mailbox_id);

-- The routing table: a row for each name space in which a live id can be reached. Rows of terminated ids are deleted.
CREATE TABLE addresses (
    name_space TEXT NOT NULL,
    qualifier_key TEXT NOT NULL,
    edi_id_key TEXT NOT NULL,
    trading_id BIGINT NOT NULL REFERENCES trading_ids (trading_id),
    CONSTRAINT addresses_pk PRIMARY KEY (name_space, qualifier_key, edi_id_key)
);
CREATE INDEX addresses_trading_id ON addresses (trading_id);
CREATE INDEX addresses_edi_id ON addresses (name_space, edi_id_key);

CREATE TABLE users (
    user_id {id},
    network_id BIGINT NOT NULL REFERENCES networks (network_id),
    mailbox_id BIGINT REFERENCES mailboxes (mailbox_id),
    trading_id BIGINT REFERENCES trading_ids (trading_id),
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    level TEXT NOT NULL,
    status TEXT NOT NULL,
    password_hash TEXT,
    failed_logins BIGINT NOT NULL,
    locked_until BIGINT,
    shape TEXT,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    terminated_at BIGINT
);
CREATE UNIQUE INDEX users_login ON users (network_id, login_key) WHERE status <> 'Terminated';
CREATE INDEX users_login_key ON users (login_key);
CREATE INDEX users_email_key ON users (email_key);
CREATE INDEX users_mailbox ON users (mailbox_id);

-- Keys of users. `lookup` is the keyed hash that signs in; `sealed` the ciphertext that can be shown again (primary keys).
CREATE TABLE keys (
    key_id {id},
    user_id BIGINT NOT NULL REFERENCES users (user_id),
    kind TEXT NOT NULL,
    uuid {bytes} NOT NULL,
    lookup {bytes} NOT NULL CONSTRAINT keys_lookup UNIQUE,
    sealed {bytes},
    hint TEXT NOT NULL,
    scopes TEXT,
    parent_key_id BIGINT REFERENCES keys (key_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    valid_until BIGINT,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX keys_current ON keys (user_id) WHERE kind = 'Primary' AND revoked_at IS NULL;
CREATE INDEX keys_user ON keys (user_id);
CREATE INDEX keys_parent ON keys (parent_key_id);

CREATE TABLE sessions (
    session_id {id},
    user_id BIGINT NOT NULL REFERENCES users (user_id),
    key_id BIGINT REFERENCES keys (key_id),
    token_id {bytes} NOT NULL CONSTRAINT sessions_token_id UNIQUE,
    token_expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    valid_until BIGINT
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_key ON sessions (key_id);

-- Refresh texts rotate; one that comes back after its use ends the session (decision A4).
CREATE TABLE refreshes (
    lookup {bytes} PRIMARY KEY,
    session_id BIGINT NOT NULL REFERENCES sessions (session_id),
    used_at BIGINT
);
CREATE INDEX refreshes_session ON refreshes (session_id);

CREATE TABLE partners (
    interconnect_id {id},
    id_from BIGINT NOT NULL REFERENCES trading_ids (trading_id),
    id_to BIGINT NOT NULL REFERENCES trading_ids (trading_id),
    id_low BIGINT NOT NULL,
    id_high BIGINT NOT NULL,
    status TEXT NOT NULL,
    interconnect_status TEXT NOT NULL,
    from_accepted BOOLEAN NOT NULL,
    to_accepted BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX partners_pair ON partners (id_low, id_high) WHERE status <> 'Terminated';
CREATE INDEX partners_high ON partners (id_high);

-- Content: in the row up to 64 KiB, else in a file of that name. Written once, never changed, not shared between uploads.
CREATE TABLE blobs (
    blob_id {id},
    byte_count BIGINT NOT NULL,
    blake3 {bytes} NOT NULL,
    content {bytes},
    file TEXT CONSTRAINT blobs_file UNIQUE
);

CREATE TABLE parcels (
    parcel_id BIGINT PRIMARY KEY,
    direction TEXT NOT NULL,
    network_id BIGINT NOT NULL REFERENCES networks (network_id),
    mailbox_id BIGINT NOT NULL REFERENCES mailboxes (mailbox_id),
    blob_id BIGINT NOT NULL REFERENCES blobs (blob_id),
    source_parcel_id BIGINT REFERENCES parcels (parcel_id),
    file_name TEXT NOT NULL,
    byte_count BIGINT NOT NULL,
    status TEXT NOT NULL,
    id_from BIGINT,
    id_to BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    downloaded_at BIGINT,
    download_count BIGINT NOT NULL
);
CREATE INDEX parcels_mailbox ON parcels (mailbox_id, direction, status, parcel_id);
CREATE INDEX parcels_network ON parcels (network_id, direction, status, parcel_id);
CREATE INDEX parcels_to ON parcels (id_to, direction, status, parcel_id);
CREATE INDEX parcels_source ON parcels (source_parcel_id);

-- One EDI envelope. `starts_at`..`ends_at` is its byte range, line end included, in the sender's content.
CREATE TABLE interchanges (
    interchange_id BIGINT PRIMARY KEY,
    parcel_id BIGINT NOT NULL REFERENCES parcels (parcel_id),
    position BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    standard TEXT NOT NULL,
    sender TEXT NOT NULL,
    receiver TEXT NOT NULL,
    id_from BIGINT,
    id_to BIGINT,
    control_number TEXT NOT NULL,
    document_type TEXT NOT NULL,
    test BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    status_code TEXT NOT NULL,
    reason_code TEXT,
    reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX interchanges_parcel ON interchanges (parcel_id, position);
CREATE INDEX interchanges_held ON interchanges (interchange_id) WHERE status = 'Suspended' AND reason_code = 'E1111';

-- What an inbound parcel holds, in order: routing copies no payload.
CREATE TABLE deliveries (
    parcel_id BIGINT NOT NULL REFERENCES parcels (parcel_id),
    position BIGINT NOT NULL,
    interchange_id BIGINT NOT NULL REFERENCES interchanges (interchange_id),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CONSTRAINT deliveries_pk PRIMARY KEY (parcel_id, position)
);
CREATE INDEX deliveries_interchange ON deliveries (interchange_id);

-- Parcels of more interchanges than one unit of work routes: how far the job has come.
CREATE TABLE routings (
    parcel_id BIGINT PRIMARY KEY REFERENCES parcels (parcel_id),
    next_position BIGINT NOT NULL,
    whole_network BOOLEAN NOT NULL,
    user_id BIGINT
);

-- Every move of a parcel: who, when, from what to what. Nothing refers to these rows.
CREATE TABLE parcel_events (
    event_id BIGINT PRIMARY KEY,
    parcel_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    status_from TEXT,
    status_to TEXT NOT NULL,
    user_id BIGINT
);
CREATE INDEX parcel_events_parcel ON parcel_events (parcel_id, event_id);

-- Who did or tried what. `seq` and `hash` are set by the chaining job, never by the operation.
CREATE TABLE audit (
    audit_id {id},
    chain BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id BIGINT,
    credential TEXT NOT NULL,
    subject TEXT NOT NULL,
    fingerprint {bytes},
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    request TEXT NOT NULL,
    path TEXT NOT NULL,
    seq BIGINT,
    hash {bytes}
);
CREATE INDEX audit_unchained ON audit (audit_id) WHERE seq IS NULL;
CREATE UNIQUE INDEX audit_chain ON audit (chain, seq) WHERE seq IS NOT NULL;

CREATE TABLE audit_heads (
    chain BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash {bytes} NOT NULL
);

-- Who of the nodes does a thing that only one may do, and until when.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    floor BIGINT NOT NULL
);
