"""New reports are stored by one call; `reports/storing.py` makes it.

The rows come as JSON with the columns' names, so a new column needs no new function.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION store_new_reports(sendings jsonb)
RETURNS TABLE (number int, report_id bigint, path bigint[], periods bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    sending jsonb;
    report reports_report;
    filing reports_filing;
    up bigint;
BEGIN
    -- In the order of their UUIDs, so that two batches of the same do not wait in a circle.
    FOR number, sending IN
        SELECT ordinality - 1, value FROM jsonb_array_elements(sendings) WITH ORDINALITY
         ORDER BY value->'filing'->>'id'
    LOOP
        filing := jsonb_populate_record(NULL::reports_filing, sending->'filing');
        CONTINUE WHEN EXISTS (SELECT FROM reports_filing f WHERE f.id = filing.id);

        report := jsonb_populate_record(NULL::reports_report, sending->'report');
        report.id := nextval('reports_report_id_seq');
        path := '{}';
        up := report.place_id;
        WHILE up IS NOT NULL LOOP
            path := up || path;
            SELECT p.parent_id INTO up FROM units_place p WHERE p.id = up;
        END LOOP;
        report.path_as_filed := path;
        INSERT INTO reports_report SELECT report.* ON CONFLICT (obligation_id) DO NOTHING;
        CONTINUE WHEN NOT FOUND;

        filing.report_id := report.id;
        INSERT INTO reports_filing SELECT filing.* ON CONFLICT (id) DO NOTHING;
        IF NOT FOUND THEN
            -- The same UUID came in through another connection while this one waited.
            DELETE FROM reports_report r WHERE r.id = report.id;
            CONTINUE;
        END IF;

        periods := ARRAY(
            SELECT p.id FROM reports_period p
             WHERE report.as_of BETWEEN p.starts_on AND p.ends_on
               AND (report.is_event OR p.kind <> 'now')
        );
        INSERT INTO reports_mark (community_id, place_id, period_id)
        SELECT report.community_id, report.place_id, unnest(periods);
        report_id := report.id;
        RETURN NEXT;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_fewer_indexes")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION store_new_reports(jsonb)")]
