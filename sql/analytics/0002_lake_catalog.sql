-- The catalog of the lake, as Iceberg's SQL catalogs (iceberg-go, pyiceberg,
-- the JDBC catalog of Spark and Trino) lay it out. Their statements name the
-- tables without a schema: connect with search_path=analytics.

CREATE TABLE analytics.iceberg_tables (
    catalog_name               varchar(255) NOT NULL,
    table_namespace            varchar(255) NOT NULL,
    table_name                 varchar(255) NOT NULL,
    iceberg_type               varchar(5),
    metadata_location          varchar(1000),
    previous_metadata_location varchar(1000),
    PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE analytics.iceberg_namespace_properties (
    catalog_name   varchar(255) NOT NULL,
    namespace      varchar(255) NOT NULL,
    property_key   varchar(255) NOT NULL,
    property_value varchar(1000),
    PRIMARY KEY (catalog_name, namespace, property_key)
);
COMMENT ON TABLE analytics.iceberg_tables IS 'the lake''s tables and where their current metadata lies';
