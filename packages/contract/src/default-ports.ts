/**
 * The ports that processes listen on unless they are configured otherwise. They differ from each other, so that all of them run on one
 * machine, and a process that links to another one, or starts it, names the same port.
 */
export const defaultPorts = Object.freeze({
  /** `API_PORT` */
  api: 3000,
  /** `DASHBOARD_PORT` */
  dashboard: 3001,
  /** The website of the sandbox: `SANDBOX_PORT`. */
  sandbox: 3080,
  /** The live preview of templates: `posthouse templates dev --port`. */
  preview: 3090,
  /**
   * SMTP submission with TLS and with STARTTLS: those that RFC 8314 section 3.3 and RFC 6409 section 3.1 assign. The sandbox has a port
   * that a process may listen on without privileges.
   */
  submission: { tls: 465, startTls: 587, sandbox: 4465 },
});
