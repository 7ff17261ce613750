/** The configuration files of Debian's Exim and Postfix as relays for tests, by their paths in the folder of the relay. */

/** What a configuration depends on. */
interface RelaySettings {
  /** The folder of the relay: its programs, spool, log and certificate. */
  dir: string;
  port: number;
  /** The port of the server on 127.0.0.1 that gets the mails. */
  forwardTo: number;
  limits: Readonly<Record<string, number | string>>;
  /** The user of the spool. */
  uid: number;
}

/** Variables that its processes pass on to those that they start. */
const passedOn = ['LD_LIBRARY_PATH', 'LD_PRELOAD', 'NSS_WRAPPER_PASSWD', 'NSS_WRAPPER_GROUP'];

/** Exim: the options of its specification. */
export function eximConfig({ dir, port, forwardTo, limits }: RelaySettings): Record<string, string> {
  const conf = `
primary_hostname = localhost
exim_path = ${dir}/programs/usr/sbin/exim4
spool_directory = ${dir}/spool
log_file_path = ${dir}/data/%slog
pid_file_path = ${dir}/data/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
keep_environment = ${passedOn.join(':')}
deliver_drop_privilege
# The default queues what comes after the tenth message of a connection.
smtp_accept_queue_per_connection = 0
tls_advertise_hosts = *
tls_certificate = ${dir}/tls.pem
acl_smtp_rcpt = check_recipient
host_lookup =
${assignments(limits)}

begin acl
check_recipient:
  accept encrypted = *
         authenticated = *
  deny   message = relay not permitted

begin routers
next:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = next

begin transports
next:
  driver = smtp
  port = ${forwardTo}
  allow_localhost
  hosts_avoid_tls = *

begin retry
*  *  F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if and{{eq{$auth2}{posthouse}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
`;
  return { 'exim.conf': conf };
}

/** Postfix: postconf(5), master(5). */
export function postfixConfig({ dir, port, forwardTo, limits }: RelaySettings): Record<string, string> {
  const main = `
compatibility_level = 3.6
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
queue_directory = ${dir}/spool
data_directory = ${dir}/data
command_directory = ${dir}/programs/usr/sbin
daemon_directory = ${dir}/programs/usr/lib/postfix/sbin
shlib_directory = no
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG ${passedOn.join(' ')}
maillog_file = ${dir}/data/maillog
maillog_file_prefixes = ${dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = ${dir}/tls.pem
tls_random_source = dev:/dev/urandom
# The default leaves this machine without limits.
smtpd_client_event_limit_exceptions =
disable_dns_lookups = yes
relayhost = [127.0.0.1]:${forwardTo}
${assignments(limits)}
`;
  // Not in a chroot. Of one process only: those with a 1 or a 0 at the end of the limit.
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    ...['cleanup', 'bounce', 'defer', 'trace'].map((name) => `${name} unix n - n - 0 ${name === 'cleanup' ? name : 'bounce'}`),
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    ...['anvil', 'tlsmgr', 'scache'].map((name) => `${name} unix - - n - 1 ${name}`),
    ...['smtp', 'proxymap', 'error'].map((name) => `${name} unix - - n - - ${name}`),
    'retry unix - - n - - error',
    'relay unix - - n - - smtp',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return { 'main.cf': main, 'master.cf': `${services.join('\n')}\n` };
}

function assignments(settings: Readonly<Record<string, number | string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n');
}
