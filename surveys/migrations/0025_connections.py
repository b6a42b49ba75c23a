
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Connections to helpdesks by webhook: what they are, what they sent, what waits."""

    dependencies = [
        ('surveys', '0024_unknown_mails_by_id'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('slug', models.CharField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('secret', models.BinaryField()),
                ('former_secret', models.BinaryField(blank=True, null=True)),
                ('secret_since', models.DateTimeField(default=django.utils.timezone.now)),
                ('statuses', models.JSONField(blank=True, default=dict)),
                ('cause_path', models.CharField(blank=True, max_length=200)),
                ('cause_path_before', models.CharField(blank=True, max_length=200, null=True)),
                ('fields', models.JSONField(blank=True, default=dict)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('is_active', models.BooleanField(default=True)),
                ('writes_back', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('method', models.CharField(max_length=10)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.BinaryField(blank=True, null=True)),
                ('n_bytes', models.PositiveIntegerField(default=0)),
                ('is_whole', models.BooleanField(default=True)),
                ('is_refused', models.BooleanField(default=False)),
                ('verdict', models.CharField(choices=[('taken', 'Taken'), ('duplicate', 'The same again'), ('ignored', 'Nothing to do'), ('probed', 'Asked whether we are here'), ('forged', 'Not proven genuine'), ('unreadable', 'Unreadable')], max_length=12)),
                ('status', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('made', models.JSONField(default=list)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='surveys.connection')),
                ('replay_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replays', to='surveys.hookdelivery')),
            ],
            options={
                'indexes': [models.Index(fields=['connection', 'is_refused', '-id'], name='hook_delivery_newest')],
            },
        ),
        migrations.CreateModel(
            name='HookEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_key', models.BinaryField(max_length=32)),
                ('outcome', models.CharField(max_length=10)),
                ('case', models.CharField(max_length=200)),
                ('requester_id', models.CharField(blank=True, max_length=200)),
                ('content', models.JSONField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Taken in'), ('needs_enrichment', 'Without an address of the customer'), ('quarantined', 'Set aside')], default='waiting', max_length=16)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(blank=True, max_length=12)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='surveys.connection')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_attempt_at', 'id'], name='hook_event_waiting'), models.Index(condition=models.Q(('state', 'done'), _negated=True), fields=['connection', 'state', '-id'], name='hook_event_open'), models.Index(fields=['connection', 'case'], name='hook_event_of_case')],
                'constraints': [models.UniqueConstraint(fields=('connection', 'event_key'), name='hook_event_once')],
            },
        ),
    ]
