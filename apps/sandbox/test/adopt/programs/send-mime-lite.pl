# Makes each message with MIME::Lite and pipes it to msmtp, as programs do that call sendmail.
use strict;
use warnings;
use Encode qw(encode);
use File::Temp;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use MIME::Lite;

my $config = File::Temp->new;
print $config <<"END";
account default
host $ENV{SMTP_HOST}
port $ENV{SMTP_PORT}
tls on
tls_starttls off
tls_trust_file $ENV{SMTP_CA_FILE}
auth plain
user $ENV{SMTP_USER}
password $ENV{SMTP_PASSWORD}
END
close $config;

sub people {
  return join ', ', map {
    my $name = $_->{name};
    !defined $name ? $_->{address} : $name =~ /[^ -~]/ ? encode('MIME-Q', $name) . " <$_->{address}>" : do { $name =~ s/(["\\])/\\$1/g; qq("$name" <$_->{address}>) };
  } @_;
}

sub text_part { my ($type, $text, $encoding) = @_; return (Type => "$type; charset=UTF-8", Encoding => $encoding // 'quoted-printable', Data => encode('UTF-8', $text)) }

open my $file, '<', $ARGV[0] or die;
for my $case (@{ decode_json(do { local $/; <$file> }) }) {
  my %fields = (From => people($case->{from}), To => people(@{ $case->{to} }), Subject => $case->{subject} =~ /[^ -~]/ ? encode('MIME-B', $case->{subject}) : $case->{subject});
  $fields{Cc} = people(@{ $case->{cc} }) if $case->{cc};
  $fields{Bcc} = people(@{ $case->{bcc} }) if $case->{bcc};
  $fields{'Reply-To'} = people(@{ $case->{replyTo} }) if $case->{replyTo};
  my @parts;
  push @parts, [text_part('text/plain', $case->{text}, $case->{encoding})] if defined $case->{text};
  push @parts, [text_part('text/html', $case->{html})] if defined $case->{html};
  push @parts, [text_part('text/calendar; method=REQUEST', $case->{calendar}, 'base64')] if defined $case->{calendar};
  push @parts, [Type => $_->{type}, Encoding => 'base64', Filename => $_->{filename} =~ /[^ -~]/ ? encode('MIME-Q', $_->{filename}) : $_->{filename},
    Data => decode_base64($_->{content}), Disposition => $_->{cid} ? 'inline' : 'attachment', $_->{cid} ? (Id => "<$_->{cid}>") : ()] for @{ $case->{attachments} // [] };
  my $type = $case->{attachments} ? 'multipart/mixed' : 'multipart/alternative';
  my $mail = MIME::Lite->new(%fields, @parts == 1 ? @{ $parts[0] } : (Type => $type));
  if (@parts > 1) { $mail->attach(@$_) for @parts }
  $mail->add($_ => $case->{headers}{$_}) for sort keys %{ $case->{headers} // {} };
  $mail->send('sendmail', "msmtp -C " . $config->filename . " -t -f $case->{from}{address}") or die 'msmtp failed';
}
