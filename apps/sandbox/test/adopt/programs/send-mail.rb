# Makes and sends each message with the gem mail.
require 'json'
require 'mail'

def people(list)
  list&.map do |person|
    address = Mail::Address.new(person['address'])
    address.display_name = person['name'] if person['name']
    address.format
  end
end

Mail.defaults do
  delivery_method :smtp, address: ENV['SMTP_HOST'], port: ENV['SMTP_PORT'].to_i, user_name: ENV['SMTP_USER'],
                         password: ENV['SMTP_PASSWORD'], authentication: :plain, ssl: true
end

JSON.parse(File.read(ARGV[0])).each do |kase|
  mail = Mail.new(charset: 'UTF-8')
  mail.from = people([kase['from']])
  mail.to = people(kase['to'])
  mail.cc = people(kase['cc']) if kase['cc']
  mail.bcc = people(kase['bcc']) if kase['bcc']
  mail.reply_to = people(kase['replyTo']) if kase['replyTo']
  mail.subject = kase['subject']
  kase['headers']&.each { |name, value| mail.header[name] = value }
  alone = (%w[html calendar attachments] & kase.keys).empty?
  if alone
    mail.body = kase['text']
    mail.content_type = 'text/plain; charset=UTF-8'
    mail.transport_encoding = kase['encoding'] if kase['encoding']
  else
    text, html = kase['text'], kase['html']
    mail.text_part = Mail::Part.new { content_type 'text/plain; charset=UTF-8'; body text } if text
    mail.html_part = Mail::Part.new { content_type 'text/html; charset=UTF-8'; body html } if html
    if kase['calendar']
      mail.add_part(Mail::Part.new { content_type 'text/calendar; charset=UTF-8; method=REQUEST'; body kase['calendar'] })
    end
    kase['attachments']&.each do |file|
      content = { mime_type: file['type'], content: file['content'].unpack1('m') }
      if file['cid']
        mail.attachments.inline[file['filename']] = content.merge(content_id: "<#{file['cid']}>")
      else
        mail.attachments[file['filename']] = content
      end
    end
  end
  mail.deliver!
end
