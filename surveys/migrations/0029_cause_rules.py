"""Rules and a tree of causes, identities of agents, and what the first hour's checklist reads."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# A circle would have readers of the tree go round for ever, whoever made it.
GUARD = """
CREATE FUNCTION surveys_cause_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above bigint := NEW.parent_id; n int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7205763);
  WHILE above IS NOT NULL AND n < 100 LOOP
    IF above = NEW.id THEN
      RAISE EXCEPTION 'a cause cannot be part of itself' USING ERRCODE = 'check_violation';
    END IF;
    SELECT parent_id INTO above FROM surveys_cause WHERE id = above;
    n := n + 1;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER surveys_cause_tree BEFORE INSERT OR UPDATE OF parent_id ON surveys_cause
  FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION surveys_cause_tree();
"""
NO_GUARD = """
DROP TRIGGER surveys_cause_tree ON surveys_cause;
DROP FUNCTION surveys_cause_tree();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0028_unseparated_ratings'),
    ]

    operations = [
        migrations.CreateModel(
            name='CauseRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0)),
                ('what', models.CharField(choices=[('cause', 'the cause as it arrived'), ('tag', 'one of the tags'), ('subject', 'the subject'), ('product', 'the product'), ('team', 'the team'), ('channel', 'the channel'), ('severity', 'the severity')], max_length=10)),
                ('how', models.CharField(choices=[('equals', 'is'), ('contains', 'contains'), ('matches', 'looks like')], max_length=10)),
                ('text', models.CharField(max_length=200)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='cause',
            name='names',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='cause',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='surveys.cause'),
        ),
        migrations.AddField(
            model_name='previewlink',
            name='is_test_mail',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='user',
            name='checklist_closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='causechange',
            name='kind',
            field=models.CharField(choices=[('renamed', 'Renamed'), ('merged', 'Merged'), ('mapped', 'Mapped'), ('ruled', 'Rule changed'), ('ordered', 'Rules put in order'), ('applied', 'Rule applied to past cases'), ('split', 'Split'), ('placed', 'Moved in the tree'), ('worded', 'Described'), ('undone', 'Undone')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='cause',
            constraint=models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='cause_not_its_own_parent'),
        ),
        migrations.AddField(
            model_name='causerule',
            name='cause',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='surveys.cause'),
        ),
        migrations.AddField(
            model_name='causerule',
            name='within',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='splits', to='surveys.cause'),
        ),
        migrations.AddField(
            model_name='agent',
            name='joined_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='identities', to='surveys.agent'),
        ),
        migrations.CreateModel(
            name='AgentChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('joined', 'Joined'), ('undone', 'Undone')], max_length=10)),
                ('external_id', models.CharField(max_length=200)),
                ('into', models.CharField(max_length=200)),
                ('n_resolutions', models.PositiveIntegerField(default=0)),
                ('n_answers', models.PositiveIntegerField(default=0)),
                ('was', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undoes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='surveys.agentchange')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
