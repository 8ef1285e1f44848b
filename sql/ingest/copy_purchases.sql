COPY staging.{partition} (source, load_id, record, line, byte_offset, invoice_no, line_no, product_code, description,
    quantity, unit_price, discount_rate, discount, tax, currency, ordered_at, updated_at, customer_id, country, channel,
    status, extra) FROM STDIN (FORMAT binary)
