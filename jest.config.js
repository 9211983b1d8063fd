const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
  ],
};
const shared = { testEnvironment: 'node', extensionsToTreatAsEsm: ['.ts'], transform };

/** Rooms whose tests wait for sockets, processes, files or timers, or play whole lives of a cluster: beside their sources, but not in `npm run check`. */
const waiting = [
  '/test/unit/resolve/(inspection|registry|fetch|parts)/',
  '/test/unit/resolve/credentials/(exec/|leaks|traces)',
  '/test/unit/serve/(http|certificates)/',
  '/test/unit/serve/admission/(cases|handler)',
  '/test/unit/serve/engine-api/(listener|document)',
  '/test/unit/observe/',
  '/test/unit/config/watch',
  '/test/unit/app/(configuration/node-groups|node-pulls)',
  '/test/unit/judge/(proof|node-affinity)',
  '/test/unit/watch/cluster/lookups/secrets',
  '/test/unit/watch/controller/(reconciler|controller|status/properties)',
  '/test/unit/watch/kubernetes/',
  '/test/unit/util/async/',
];

/** `unit` is pure logic and part of `npm run check`; `wire` waits for real sockets; `integration` talks to real components. */
export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...waiting],
    },
    { ...shared, displayName: 'wire', testRegex: waiting.map((room) => `${room}.*\\.test\\.ts$`) },
    { ...shared, displayName: 'integration', testMatch: ['<rootDir>/test/{integration,chart}/**/*.test.ts'] },
  ],
  testTimeout: 20000,
};
