<?php
// Makes and sends each message with Symfony Mailer, which Laravel uses too.
require 'Symfony/Component/Mailer/autoload.php';
require_once 'Symfony/Component/Mime/autoload.php';

use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport;
use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\Email;
use Symfony\Component\Mime\Part\DataPart;

$people = fn(array $list) => array_map(fn($person) => new Address($person['address'], $person['name'] ?? ''), $list);
$dsn = sprintf('smtps://%s:%s@%s:%s', rawurlencode(getenv('SMTP_USER')), rawurlencode(getenv('SMTP_PASSWORD')), getenv('SMTP_HOST'), getenv('SMTP_PORT'));
$mailer = new Mailer(Transport::fromDsn($dsn));
foreach (json_decode(file_get_contents($argv[1]), true) as $case) {
    $mail = (new Email())->subject($case['subject'])->from(...$people([$case['from']]))->to(...$people($case['to']));
    $mail->cc(...$people($case['cc'] ?? []))->bcc(...$people($case['bcc'] ?? []))->replyTo(...$people($case['replyTo'] ?? []));
    if (isset($case['text'])) $mail->text($case['text']);
    if (isset($case['html'])) $mail->html($case['html']);
    foreach ($case['headers'] ?? [] as $name => $value) $mail->getHeaders()->addTextHeader($name, $value);
    if (isset($case['calendar'])) $mail->attach($case['calendar'], 'invite.ics', 'text/calendar');
    foreach ($case['attachments'] ?? [] as $file) {
        $content = base64_decode($file['content']);
        // Symfony chooses the Content-ID of an inline image and replaces its name in the HTML.
        if (isset($file['cid'])) {
            $mail->embed($content, 'logo', $file['type']);
            $mail->html(str_replace("cid:{$file['cid']}", 'cid:logo', $case['html']));
        } else $mail->attach($content, $file['filename'], $file['type']);
    }
    $mailer->send($mail);
}
