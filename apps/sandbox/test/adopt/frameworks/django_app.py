"""Runs the snippets of docs/adopt.md about Django: a sign-up that is committed, and one that is rolled back."""
import runpy

import django
from django.conf import settings

snippet = runpy.run_path('settings.py')
settings.configure(
    **{name: value for name, value in snippet.items() if name.isupper()},
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}},
    DEFAULT_AUTO_FIELD='django.db.models.BigAutoField',
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402, after the settings


class Member(models.Model):
    email = models.EmailField()

    class Meta:
        app_label = 'shop'


with connection.schema_editor() as editor:
    editor.create_model(Member)
sign_up = runpy.run_path('sign_up.py', {'Member': Member})['sign_up']
sign_up('anne@example.net')
try:
    with transaction.atomic():
        sign_up('rolled-back@example.net')
        raise RuntimeError
except RuntimeError:
    pass
