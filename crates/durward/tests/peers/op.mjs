// An OpenID provider by others (oidc-provider); prints its port, and ends when its input ends.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.argv[2] + '/');
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const jwk = (kid, alg, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig',
});
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const port = server.address().port;
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys: [jwk('es1', 'ES256', 'ec', { namedCurve: 'P-256' }), jwk('rs1', 'RS256', 'rsa', { modulusLength: 2048 })] },
    cookies: { keys: ['k1'] },
    clients: [{ client_id: 'm2m', client_secret: 'not-a-secret', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }],
    scopes: ['orders:read', 'orders:write'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:orders',
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'orders:read orders:write', audience: resource, accessTokenTTL: 300, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
