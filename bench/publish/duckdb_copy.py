"""Copies the facts from PostgreSQL to one Parquet file with DuckDB: URL COLUMNS FILE."""
import glob
import os
import sys

import duckdb
import duckdb_extension_postgres_scanner as scanner

url, columns, target = sys.argv[1:]
extension = glob.glob(os.path.join(os.path.dirname(scanner.__file__), "**", "*.duckdb_extension"), recursive=True)[0]
db = duckdb.connect()
db.execute(f"LOAD '{extension}'")
db.execute(f"ATTACH '{url}' AS pg (TYPE postgres, READ_ONLY)")
db.execute(f"COPY (SELECT {columns} FROM pg.analytics.fact_purchase_line) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
print(db.execute(f"SELECT count(*) FROM '{target}'").fetchone()[0])
