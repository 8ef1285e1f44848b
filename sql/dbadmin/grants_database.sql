-- Only the database's owner may run this: nobody but the roles comes in, and an
-- analyst cannot even make a temporary table.
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO penstock_owner, penstock_etl, penstock_analyst;
GRANT TEMPORARY ON DATABASE {database} TO penstock_owner, penstock_etl;
GRANT CREATE ON DATABASE {database} TO penstock_owner;
