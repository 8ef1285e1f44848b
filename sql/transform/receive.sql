-- Temporary tables that the derived lines of touched invoices arrive in.
CREATE TEMP TABLE new_touched (source text COLLATE "C" NOT NULL, invoice_no text COLLATE "C" NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE new_line (LIKE analytics.fact_purchase_line) ON COMMIT DROP;
CREATE TEMP TABLE new_lineage (LIKE analytics.purchase_lineage) ON COMMIT DROP;
CREATE TEMP TABLE old_line (LIKE analytics.fact_purchase_line) ON COMMIT DROP;
