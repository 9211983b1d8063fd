/** Certificate authorities and server certificates for tests, made in milliseconds. */
import { webcrypto } from 'node:crypto';
import type { X509Certificate } from '@peculiar/x509';
import { loadX509 } from '../../../src/serve/certificates/authority/issue.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;

/** PEM texts of a certificate and its private key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface LeafOptions {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  /** From yesterday when absent. */
  readonly notBefore?: Date;
  /** To tomorrow when absent. */
  readonly notAfter?: Date;
  /** `server` when absent. */
  readonly usage?: 'server' | 'client';
}

export interface Authority {
  /** PEM text of the CA's certificate. */
  readonly cert: string;
  leaf(options: LeafOptions): Promise<KeyPair>;
}

/** A new authority; two of the same name do not trust each other. */
export async function authority(name = 'Pratique test CA'): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generate();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 10 * day),
      notAfter: new Date(Date.now() + 10 * day),
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  return {
    cert: certificate.toString('pem'),
    leaf: (options) => leaf(certificate, keys.privateKey, options),
  };
}

/** A server certificate that ended yesterday. */
export function expiredLeaf(from: Authority, names: readonly string[]): Promise<KeyPair> {
  return from.leaf({
    names,
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() - day),
  });
}

async function leaf(
  issuer: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  options: LeafOptions,
): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await generate();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${options.names[0] ?? 'nobody'}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      notBefore: options.notBefore ?? new Date(Date.now() - day),
      notAfter: options.notAfter ?? new Date(Date.now() + day),
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          options.names.map((name) => ({ type: isAddress(name) ? 'ip' : 'dns', value: name })),
        ),
        new x509.ExtendedKeyUsageExtension([
          options.usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
        ]),
      ],
    },
    webcrypto,
  );
  return { cert: certificate.toString('pem'), key: await pem(keys.privateKey) };
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await loadX509();
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}
