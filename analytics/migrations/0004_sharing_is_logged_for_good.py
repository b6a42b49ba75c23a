"""What was shared with whom is written once: no update, no delete."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION analytics_refuse_sharing_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log of sharing is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER analytics_sharing_is_append_only
  BEFORE UPDATE OR DELETE ON analytics_sharingevent
  FOR EACH ROW EXECUTE FUNCTION analytics_refuse_sharing_change();
"""
BACKWARD = """
DROP TRIGGER analytics_sharing_is_append_only ON analytics_sharingevent;
DROP FUNCTION analytics_refuse_sharing_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analytics", "0003_what_readers_keep")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
