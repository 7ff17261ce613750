"""Makes and sends each message with Django."""
import base64
import json
import os
import sys
from email.mime.image import MIMEImage
from email.utils import formataddr

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

settings.configure(
    EMAIL_BACKEND='django.core.mail.backends.smtp.EmailBackend',
    EMAIL_HOST=os.environ['SMTP_HOST'],
    EMAIL_PORT=int(os.environ['SMTP_PORT']),
    EMAIL_HOST_USER=os.environ['SMTP_USER'],
    EMAIL_HOST_PASSWORD=os.environ['SMTP_PASSWORD'],
    EMAIL_USE_SSL=True,
)
django.setup()


def people(persons):
    return [formataddr((person['name'], person['address'])) if 'name' in person else person['address'] for person in persons]


def build(case):
    message = EmailMultiAlternatives(
        case['subject'],
        case.get('text', case.get('html')),
        people([case['from']])[0],
        people(case['to']),
        cc=people(case.get('cc', [])),
        bcc=people(case.get('bcc', [])),
        reply_to=people(case.get('replyTo', [])),
        headers=case.get('headers', {}),
    )
    if 'text' not in case:
        message.content_subtype = 'html'
    elif 'html' in case:
        message.attach_alternative(case['html'], 'text/html')
    if 'calendar' in case:
        message.attach_alternative(case['calendar'], 'text/calendar; method=REQUEST')
    for attachment in case.get('attachments', []):
        content = base64.b64decode(attachment['content'])
        if 'cid' in attachment:
            image = MIMEImage(content, 'png')
            image.add_header('Content-ID', f"<{attachment['cid']}>")
            image.add_header('Content-Disposition', 'inline', filename=attachment['filename'])
            message.attach(image)
        else:
            message.attach(attachment['filename'], content, attachment['type'])
    return message


get_connection().send_messages([build(case) for case in json.load(open(sys.argv[1]))])
