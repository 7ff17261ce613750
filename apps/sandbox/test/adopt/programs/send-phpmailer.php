<?php
// Makes and sends each message with PHPMailer.
require 'libphp-phpmailer/autoload.php';

use PHPMailer\PHPMailer\PHPMailer;

foreach (json_decode(file_get_contents($argv[1]), true) as $case) {
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->Host = getenv('SMTP_HOST');
    $mail->Port = (int) getenv('SMTP_PORT');
    $mail->SMTPAuth = true;
    $mail->Username = getenv('SMTP_USER');
    $mail->Password = getenv('SMTP_PASSWORD');
    $mail->SMTPSecure = PHPMailer::ENCRYPTION_SMTPS;
    $mail->CharSet = 'UTF-8';
    if (isset($case['encoding'])) $mail->Encoding = $case['encoding'];
    $mail->setFrom($case['from']['address'], $case['from']['name'] ?? '');
    foreach ($case['to'] as $person) $mail->addAddress($person['address'], $person['name'] ?? '');
    foreach ($case['cc'] ?? [] as $person) $mail->addCC($person['address'], $person['name'] ?? '');
    foreach ($case['bcc'] ?? [] as $person) $mail->addBCC($person['address'], $person['name'] ?? '');
    foreach ($case['replyTo'] ?? [] as $person) $mail->addReplyTo($person['address'], $person['name'] ?? '');
    foreach ($case['headers'] ?? [] as $name => $value) $mail->addCustomHeader($name, $value);
    $mail->Subject = $case['subject'];
    $mail->Body = $case['html'] ?? $case['text'];
    $mail->isHTML(isset($case['html']));
    if (isset($case['html'], $case['text'])) $mail->AltBody = $case['text'];
    if (isset($case['calendar'])) $mail->Ical = $case['calendar'];
    foreach ($case['attachments'] ?? [] as $file) {
        $content = base64_decode($file['content']);
        if (isset($file['cid'])) $mail->addStringEmbeddedImage($content, $file['cid'], $file['filename'], 'base64', $file['type']);
        else $mail->addStringAttachment($content, $file['filename'], 'base64', $file['type']);
    }
    $mail->send();
}
