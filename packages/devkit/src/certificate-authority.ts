/**
 * A temporary certificate authority. With it, TLS in tests and in the sandbox is verified as in production: the client trusts
 * this authority's certificate, and no check is disabled.
 */
import 'reflect-metadata'; // required by x509's dependency injection before x509 is imported
import type { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What one side of a TLS connection identifies itself with. */
export interface IssuedCertificate {
  certPem: string;
  keyPem: string;
}

/** The names that a certificate is valid for. */
export interface CertificateRequest {
  /** Host names and IP addresses, such as `localhost` and `127.0.0.1`. */
  hosts: readonly string[];
  /** True for a certificate that expired yesterday. */
  expired?: boolean;
  /** True for a certificate that a client shows to a server. */
  client?: boolean;
}

const day = 24 * 60 * 60 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Issues certificates. Its private key exists only in memory. */
export class CertificateAuthority {
  /** The certificate that clients have to trust. */
  readonly caPem: string;
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.caPem = certificate.toString('pem');
    this.#certificate = certificate;
    this.#keys = keys;
  }

  /** Creates an authority with a new key, valid for a year. */
  static async create(name = 'Posthouse throw-away CA'): Promise<CertificateAuthority> {
    const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      notBefore: new Date(Date.now() - 3 * day),
      notAfter: new Date(Date.now() + 365 * day),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(certificate, keys);
  }

  /** Issues a certificate with a new key, for a server unless `client` is set. */
  async issue({ hosts, expired = false, client = false }: CertificateRequest): Promise<IssuedCertificate> {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.create({
      issuer: this.#certificate.subjectName,
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() + (expired ? -1 : 364) * day),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([client ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth]),
        // Clients check these names, not the subject (RFC 9525). Without a subject the extension must be critical (RFC 5280 section 4.2.1.6).
        new SubjectAlternativeNameExtension(
          hosts.map((host): JsonGeneralName => ({ type: isIP(host) ? 'ip' : 'dns', value: host })),
          true,
        ),
        await AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    const privateKey = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { certPem: certificate.toString('pem'), keyPem: PemConverter.encode(privateKey, 'PRIVATE KEY') };
  }

  /** Writes the authority's certificate to a file, for a setting such as SMTP_CA_FILE. */
  async writeCa(path: string): Promise<void> {
    await writeFile(path, this.caPem);
  }
}
