/** SMTPUTF8 for messages with an address that is not ASCII in a header (RFC 6531 section 3.4). */
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** nodemailer's method that writes a command; its types leave it out. */
interface CommandWriter {
  _sendCommand(command: string, logged?: string): void;
}

/**
 * Declares SMTPUTF8 in the next MAIL command. nodemailer does so only where the envelope needs it: a Reply-To, or a recipient that has the
 * message already, is in a header alone.
 * @returns what ends it
 */
export function declareSmtpUtf8(connection: SMTPConnection): () => void {
  const writer = connection as unknown as CommandWriter;
  const write = writer._sendCommand;
  writer._sendCommand = (command, logged) => {
    const isUndeclared = command.startsWith('MAIL FROM:') && !command.includes('> SMTPUTF8');
    write.call(connection, isUndeclared ? `${command} SMTPUTF8` : command, logged);
  };
  return () => {
    writer._sendCommand = write;
  };
}
