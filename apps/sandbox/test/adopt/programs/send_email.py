"""Makes each message with Python's email package and sends it with smtplib."""
import base64
import json
import os
import smtplib
import ssl
import sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid


def people(persons):
    return [Address(person.get('name', ''), addr_spec=person['address']) for person in persons]


def build(case):
    message = EmailMessage()
    message['Date'] = formatdate(localtime=True)
    message['Message-ID'] = make_msgid(domain='shop.example')
    message['Subject'] = case['subject']
    for field, key in [('From', 'from'), ('To', 'to'), ('Cc', 'cc'), ('Bcc', 'bcc'), ('Reply-To', 'replyTo')]:
        if key in case:
            message[field] = people([case[key]] if key == 'from' else case[key])
    for name, value in case.get('headers', {}).items():
        message[name] = value
    encoding = {'cte': case['encoding']} if 'encoding' in case else {}
    if 'text' in case:
        message.set_content(case['text'], **encoding)
        if 'html' in case:
            message.add_alternative(case['html'], subtype='html', **encoding)
    else:
        message.set_content(case['html'], subtype='html')
    if 'calendar' in case:
        message.add_alternative(case['calendar'], subtype='calendar', params={'method': 'REQUEST'})
    for attachment in case.get('attachments', []):
        main, sub = attachment['type'].split('/')
        content = base64.b64decode(attachment['content'])
        if 'cid' in attachment:
            html = message.get_body(('html',))
            html.add_related(content, main, sub, cid=f"<{attachment['cid']}>", filename=attachment['filename'])
        else:
            message.add_attachment(content, main, sub, filename=attachment['filename'])
    return message


host, port = os.environ['SMTP_HOST'], int(os.environ['SMTP_PORT'])
with smtplib.SMTP_SSL(host, port, context=ssl.create_default_context()) as smtp:
    smtp.login(os.environ['SMTP_USER'], os.environ['SMTP_PASSWORD'])
    for case in json.load(open(sys.argv[1])):
        smtp.send_message(build(case))
