"""Reads a lake with pyiceberg and prints what it finds as JSON.

usage: read.py URI NAMESPACE TABLE [SNAPSHOT]
"""

import json
import sys

import pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog

uri, namespace, name, *rest = sys.argv[1:]
catalog = SqlCatalog("penstock", uri=uri, warehouse="file:///nowhere", init_catalog_tables="false")
table = catalog.load_table((namespace, name))
snapshot = int(rest[0]) if rest else None
rows = table.scan(snapshot_id=snapshot).to_arrow()
january = table.scan(row_filter="ordered_at < '2011-02-01T00:00:00+00:00'") if "ordered_at" in rows.column_names else None

print(json.dumps({
    "tables": sorted(".".join(t) for t in catalog.list_tables(namespace)),
    "schema": {f.name: str(f.field_type) for f in table.schema().fields},
    "required": [f.name for f in table.schema().fields if f.required],
    "spec": [f"{f.transform}({table.schema().find_column_name(f.source_id)})" for f in table.spec().fields],
    "count": rows.num_rows,
    "sum": {f.name: str(pc.sum(rows[f.name]).as_py()) for f in rows.schema if f.type.__class__.__name__ == "Decimal128Type"},
    "rows": sorted([json.loads(json.dumps(r, default=str)) for r in rows.to_pylist()], key=lambda r: str(list(r.values())[0])),
    "january_files": len(list(january.plan_files())) if january else None,
    "january_rows": january.to_arrow().num_rows if january else None,
    "snapshots": [dict(s.summary.additional_properties) for s in table.snapshots()],
}))
