# Makes and sends each message with Action Mailer of Rails.
require 'json'
require 'action_mailer'

ActionMailer::Base.delivery_method = :smtp
ActionMailer::Base.raise_delivery_errors = true
ActionMailer::Base.smtp_settings = {
  address: ENV['SMTP_HOST'], port: ENV['SMTP_PORT'].to_i, user_name: ENV['SMTP_USER'], password: ENV['SMTP_PASSWORD'],
  authentication: :plain, tls: true
}
ActionMailer::Base.logger = nil

class ShopMailer < ActionMailer::Base
  def people(list)
    list&.map { |person| person['name'] ? email_address_with_name(person['address'], person['name']) : person['address'] }
  end

  def message_of(kase)
    kase['attachments']&.each do |file|
      content = { mime_type: file['type'], content: file['content'].unpack1('m') }
      if file['cid']
        attachments.inline[file['filename']] = content.merge(content_id: "<#{file['cid']}>")
      else
        attachments[file['filename']] = content
      end
    end
    fields = { from: people([kase['from']]), to: people(kase['to']), cc: people(kase['cc']), bcc: people(kase['bcc']),
               reply_to: people(kase['replyTo']), subject: kase['subject'] }
    mail(fields.compact.merge(kase['headers'] || {})) do |format|
      format.text(content_transfer_encoding: kase['encoding']) { render plain: kase['text'] } if kase['text']
      format.html { render html: kase['html'].html_safe } if kase['html']
      format.ics { render plain: kase['calendar'] } if kase['calendar']
    end
  end
end

JSON.parse(File.read(ARGV[0])).each { |kase| ShopMailer.message_of(kase).deliver_now }
