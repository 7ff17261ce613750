# Sends each message with swaks, which makes it of its options.
use strict;
use warnings;
use Encode qw(encode);
use File::Temp;
use JSON::PP;
use MIME::Base64 qw(decode_base64);

sub people {
  return join ', ', map {
    my $name = $_->{name};
    !defined $name ? $_->{address} : $name =~ /[^ -~]/ ? encode('MIME-B', $name) . " <$_->{address}>" : do { $name =~ s/(["\\])/\\$1/g; qq("$name" <$_->{address}>) };
  } @_;
}

open my $file, '<', $ARGV[0] or die;
for my $case (@{ decode_json(do { local $/; <$file> }) }) {
  my @kept;
  my $content = sub { my $temp = File::Temp->new; binmode $temp; print $temp $_[0]; close $temp; push @kept, $temp; return '@' . $temp->filename };
  my @recipients = map { $_->{address} } @{ $case->{to} }, @{ $case->{cc} // [] }, @{ $case->{bcc} // [] };
  my @options = ('--server', $ENV{SMTP_HOST}, '--port', $ENV{SMTP_PORT}, '--tls-on-connect', '--tls-verify', '--tls-ca-path', $ENV{SMTP_CA_FILE},
    '--auth', 'LOGIN', '--auth-user', $ENV{SMTP_USER}, '--auth-password', $ENV{SMTP_PASSWORD},
    '--from', $case->{from}{address}, '--to', join(',', @recipients), '--hide-all');
  my @fields = ('From: ' . people($case->{from}), 'To: ' . people(@{ $case->{to} }), 'Subject: ' . ($case->{subject} =~ /[^ -~]/ ? encode('MIME-B', $case->{subject}) =~ s/\r?\n\s*/ /gr : $case->{subject}));
  push @fields, 'Cc: ' . people(@{ $case->{cc} }) if $case->{cc};
  push @fields, 'Reply-To: ' . people(@{ $case->{replyTo} }) if $case->{replyTo};
  push @fields, map { "$_: $case->{headers}{$_}" } sort keys %{ $case->{headers} // {} };
  push @options, map { ('--header', $_) } @fields;
  push @options, '--attach-type', 'text/html; charset=UTF-8', '--attach-body', $content->(encode('UTF-8', $case->{html})) if defined $case->{html};
  push @options, '--body', $content->(encode('UTF-8', $case->{text})) if defined $case->{text};
  push @options, '--attach-type', 'text/calendar; method=REQUEST', '--attach-name', 'invite.ics', '--attach', $content->(encode('UTF-8', $case->{calendar})) if defined $case->{calendar};
  push @options, '--attach-type', $_->{type}, '--attach-name', encode('UTF-8', $_->{filename}), '--attach', $content->(decode_base64($_->{content})) for @{ $case->{attachments} // [] };
  system('swaks', @options) == 0 or die "swaks failed: $case->{name}";
}
