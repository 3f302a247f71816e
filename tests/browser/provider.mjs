// A real OpenID provider on this machine, for the browser test of team mode: anybody may log in with any name as the name of the account.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [place, port, tool, clientId, clientSecret] = process.argv.slice(2);
const found = createRequire(pathToFileURL(`${place}/`)).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(found));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [`${tool}/oidc/callback`],
    post_logout_redirect_uris: [`${tool}/login`],
  }],
  pkce: { required: () => true },
  cookies: { keys: ['made up for a test'] },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id.replaceAll(' ', '.')}@example.com`, email_verified: true }),
  }),
  features: { devInteractions: { enabled: true } },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
