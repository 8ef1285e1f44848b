COPY staging.rejects (load_id, record, line, byte_offset, reason, column_name, detail, raw) FROM STDIN (FORMAT binary)
