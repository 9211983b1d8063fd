/** Peer of a connection, as limits and networks of clients see it. */

/** Returns the peer's IP address, with an IPv4 address mapped into IPv6 as IPv4; empty for a unix socket. */
export function peerOf({ remoteAddress = '' }: { readonly remoteAddress?: string | undefined }): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
}
