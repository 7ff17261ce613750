# Runs the snippets of docs/adopt.md about Rails: a sign-up that is committed, and one that is rolled back.
require 'action_mailer'
require 'active_job'
require 'active_record'

config = Struct.new(:action_mailer).new(ActionMailer::Base)
eval(File.read('production.rb'), binding)
ActiveJob::Base.queue_adapter = :inline
ActiveJob::Base.logger = nil
class ApplicationMailer < ActionMailer::Base; end
class ApplicationRecord < ActiveRecord::Base; self.abstract_class = true; end
ActiveRecord::Base.establish_connection(adapter: 'sqlite3', database: ':memory:')
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define { create_table(:members) { |table| table.string :email } }
load './sign_up.rb'
Member.create!(email: 'anne@example.net')
Member.transaction do
  Member.create!(email: 'rolled-back@example.net')
  raise ActiveRecord::Rollback
end
