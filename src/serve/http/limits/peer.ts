/** The peer of a connection, as limits and networks of clients see it. */

/** Its IP address, IPv4 also when mapped into IPv6; empty for a unix socket. */
export function peerOf({ remoteAddress = '' }: { readonly remoteAddress?: string | undefined }): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
}
