/** The call that sends a mail, in several languages, filled with its data. */

/** What the call sends. */
export interface MailCall {
  to: string;
  template: string;
  locale: string;
  data: Record<string, unknown>;
}

/** The languages, in the order in which they are shown. */
export const languages = ['TypeScript', 'curl', 'Python', 'PHP', 'Ruby'] as const;

/** A language that the call can be written in. */
export type CallLanguage = (typeof languages)[number];

/** The source text of the call. It reads the API's URL and the key from the environment. */
export function callIn(language: CallLanguage, mail: MailCall): string {
  return writers[language](mail);
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const writers: Readonly<Record<CallLanguage, (mail: MailCall) => string>> = {
  TypeScript: (mail) => `import { Posthouse } from '@posthouse/client';

const posthouse = new Posthouse(); // reads POSTHOUSE_URL and POSTHOUSE_KEY

await posthouse.mails.send(${json(mail)});
`,
  curl: (mail) => `curl "$POSTHOUSE_URL/v1/mails" \\
  -H "Authorization: Bearer $POSTHOUSE_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '${json(mail).replaceAll("'", `'\\''`)}'
`,
  Python: (mail) => `import json, os, urllib.request

mail = json.loads(${pythonText(json(mail))})
request = urllib.request.Request(
    os.environ["POSTHOUSE_URL"] + "/v1/mails",
    data=json.dumps(mail).encode(),
    headers={"Authorization": "Bearer " + os.environ["POSTHOUSE_KEY"], "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["id"])
`,
  PHP: (mail) => `<?php
$mail = json_decode(${phpText(json(mail))});
$curl = curl_init(getenv('POSTHOUSE_URL') . '/v1/mails');
curl_setopt_array($curl, [
    CURLOPT_POSTFIELDS => json_encode($mail),
    CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . getenv('POSTHOUSE_KEY'), 'Content-Type: application/json'],
    CURLOPT_RETURNTRANSFER => true,
]);
echo json_decode(curl_exec($curl))->id;
`,
  Ruby: (mail) => `require 'json'
require 'net/http'

mail = JSON.parse(${rubyText(json(mail))})
response = Net::HTTP.post(
  URI("#{ENV.fetch('POSTHOUSE_URL')}/v1/mails"),
  mail.to_json,
  'Authorization' => "Bearer #{ENV.fetch('POSTHOUSE_KEY')}", 'Content-Type' => 'application/json',
)
puts JSON.parse(response.body)['id']
`,
};

/** JSON never has three quotes but in an empty text after another quote, which is escaped. */
function pythonText(text: string): string {
  return `"""${text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"')}"""`;
}

function phpText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function rubyText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
