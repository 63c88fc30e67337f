"""What Django cannot declare: composite foreign keys, and tables that are insert only."""

from django.db import migrations

PARENT = """
ALTER TABLE units_place ADD CONSTRAINT place_parent_is_the_next_kind_up_here
    FOREIGN KEY (parent_id, community_id, parent_kind) REFERENCES units_place (id, community_id, kind)
    DEFERRABLE INITIALLY DEFERRED
"""
PARENT_BACK = "ALTER TABLE units_place DROP CONSTRAINT place_parent_is_the_next_kind_up_here"

POST = """
ALTER TABLE units_post ADD CONSTRAINT post_names_the_kind_of_its_place
    FOREIGN KEY (place_id, place_kind) REFERENCES units_place (id, kind)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE units_post ADD CONSTRAINT post_knows_the_kind_of_its_place
    CHECK ((place_id IS NULL) = (place_kind IS NULL))
"""
POST_BACK = """
ALTER TABLE units_post DROP CONSTRAINT post_names_the_kind_of_its_place;
ALTER TABLE units_post DROP CONSTRAINT post_knows_the_kind_of_its_place
"""

INSERT_ONLY = """
CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON units_placechange
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON units_journalentry
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON units_householdcount
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history()
"""
INSERT_ONLY_BACK = """
DROP TRIGGER insert_only ON units_householdcount;
DROP TRIGGER insert_only ON units_journalentry;
DROP TRIGGER insert_only ON units_placechange;
DROP FUNCTION refuse_to_change_history()
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0001_places_and_people")]

    operations = [
        migrations.RunSQL(PARENT, PARENT_BACK),
        migrations.RunSQL(POST, POST_BACK),
        migrations.RunSQL(INSERT_ONLY, INSERT_ONLY_BACK),
    ]
