"""What the first trigger left open: TRUNCATE, which fires no row trigger, took published versions
away; and a person who had published could not be deleted, because the database refused to forget
who it was.

A flush of the whole database, as tests and benchmarks need it, says so first:
SET surveys.may_truncate = 'yes'.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION surveys_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  same surveys_questionnaireversion;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF current_setting('surveys.may_truncate', true) IS DISTINCT FROM 'yes'
       AND EXISTS (SELECT 1 FROM surveys_questionnaireversion WHERE published_at IS NOT NULL) THEN
      RAISE EXCEPTION 'published versions of questionnaires cannot be truncated'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
  END IF;
  IF OLD.published_at IS NOT NULL THEN
    -- Who published may be forgotten, nothing else: whoever leaves is deleted, what they
    -- published stays.
    IF TG_OP = 'UPDATE' AND OLD.published_by_id IS NOT NULL AND NEW.published_by_id IS NULL THEN
      same := NEW;
      same.published_by_id := OLD.published_by_id;
      IF same IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
      END IF;
    END IF;
    RAISE EXCEPTION 'version % is published and cannot be changed; publish a new one', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER surveys_published_versions_are_not_truncated
  BEFORE TRUNCATE ON surveys_questionnaireversion
  FOR EACH STATEMENT EXECUTE FUNCTION surveys_refuse_published_change();
"""
BACKWARD = """
DROP TRIGGER surveys_published_versions_are_not_truncated ON surveys_questionnaireversion;
CREATE OR REPLACE FUNCTION surveys_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0008_questionnaire_designer")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
