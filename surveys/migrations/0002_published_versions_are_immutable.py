"""A published version is never changed: old answers must keep their meaning."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION surveys_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'version % is published and cannot be changed; publish a new one', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER surveys_published_version_is_immutable
  BEFORE UPDATE OR DELETE ON surveys_questionnaireversion
  FOR EACH ROW EXECUTE FUNCTION surveys_refuse_published_change();

CREATE FUNCTION surveys_refuse_revision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'revisions of answers are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER surveys_revision_is_append_only
  BEFORE UPDATE ON surveys_responserevision
  FOR EACH ROW EXECUTE FUNCTION surveys_refuse_revision_change();
"""
BACKWARD = """
DROP TRIGGER surveys_revision_is_append_only ON surveys_responserevision;
DROP FUNCTION surveys_refuse_revision_change();
DROP TRIGGER surveys_published_version_is_immutable ON surveys_questionnaireversion;
DROP FUNCTION surveys_refuse_published_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
