# Makes each message with Email::MIME and sends it with Email::Sender, which uses Net::SMTP.
use strict;
use warnings;
use Email::Address::XS;
use Email::MIME;
use Email::Sender::Simple qw(sendmail);
use Email::Sender::Transport::SMTP;
use JSON::PP;
use MIME::Base64 qw(decode_base64);

my $transport = Email::Sender::Transport::SMTP->new(
  host => $ENV{SMTP_HOST}, port => $ENV{SMTP_PORT}, ssl => 'ssl',
  sasl_username => $ENV{SMTP_USER}, sasl_password => $ENV{SMTP_PASSWORD},
);

sub people {
  return join ', ', map { Email::Address::XS->new(phrase => $_->{name}, address => $_->{address})->format } @_;
}

sub text_part {
  my ($type, $text, $encoding) = @_;
  return Email::MIME->create(
    attributes => { content_type => $type, charset => 'UTF-8', encoding => $encoding // 'quoted-printable' }, body_str => $text);
}

open my $file, '<', $ARGV[0] or die;
for my $case (@{ decode_json(do { local $/; <$file> }) }) {
  my @alternatives;
  push @alternatives, text_part('text/plain', $case->{text}, $case->{encoding}) if defined $case->{text};
  push @alternatives, text_part('text/html', $case->{html}) if defined $case->{html};
  if (defined $case->{calendar}) {
    push @alternatives, text_part('text/calendar', $case->{calendar}, 'base64');
    $alternatives[-1]->content_type_attribute_set(method => 'REQUEST');
  }
  my $body = @alternatives == 1 ? $alternatives[0]
    : Email::MIME->create(attributes => { content_type => 'multipart/alternative' }, parts => \@alternatives);
  my @files = map {
    my $part = Email::MIME->create(
      attributes => { content_type => $_->{type}, encoding => 'base64', name => $_->{filename}, filename => $_->{filename},
        disposition => $_->{cid} ? 'inline' : 'attachment' },
      body => decode_base64($_->{content}),
    );
    $part->header_set('Content-ID', "<$_->{cid}>") if $_->{cid};
    $part;
  } @{ $case->{attachments} // [] };
  my $mail = @files ? Email::MIME->create(attributes => { content_type => 'multipart/mixed' }, parts => [$body, @files]) : $body;
  my %fields = (From => people($case->{from}), To => people(@{ $case->{to} }), Subject => $case->{subject});
  $fields{Cc} = people(@{ $case->{cc} }) if $case->{cc};
  $fields{'Reply-To'} = people(@{ $case->{replyTo} }) if $case->{replyTo};
  $mail->header_str_set($_ => $fields{$_}) for sort keys %fields;
  $mail->header_str_set($_ => $case->{headers}{$_}) for sort keys %{ $case->{headers} // {} };
  my @recipients = map { $_->{address} } @{ $case->{to} }, @{ $case->{cc} // [] }, @{ $case->{bcc} // [] };
  sendmail($mail, { transport => $transport, from => $case->{from}{address}, to => \@recipients });
}
