/** `npm run bundle`: everything in `dist/main.js` and a few parts beside it that load when they are needed, for the image and the installed package. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

// The names of the parts change with what is in them.
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The source is public; maps would double the size of the package.
  sourcemap: false,
  legalComments: 'linked',
  alias: {
    // Only the reader of kubeconfigs is bundled from the client: its models of every kind of object would be 15 MB.
    '@kubernetes/client-node': './node_modules/@kubernetes/client-node/dist/config.js',
    // A part made of its CommonJS would have a default export only.
    '@peculiar/x509': './node_modules/@peculiar/x509/build/x509.es.js',
  },
  // Some dependencies are CommonJS and call `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
