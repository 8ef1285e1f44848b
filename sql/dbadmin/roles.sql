-- The three group roles. Two callers may race: the loser finds the role there.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['penstock_owner', 'penstock_etl', 'penstock_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
    -- Who creates the owner role must be able to act as it, to make its objects.
    IF NOT pg_has_role(current_user, 'penstock_owner', 'USAGE') THEN
        EXECUTE format('GRANT penstock_owner TO %I', current_user);
    END IF;
END
$$;
