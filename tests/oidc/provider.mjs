// The identity provider of the tests: a real one (oidc-provider), on this machine only, for one client.
// node provider.mjs PORT SECRET REDIRECT…   Whoever signs in with an address has it, verified; with "unverified:ADDRESS", not verified;
// with "another:ADDRESS" it is another person whose address it is now.
import { Provider } from "oidc-provider";

const [port, secret, ...redirects] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "kundenblick", client_secret: secret, redirect_uris: redirects, grant_types: ["authorization_code"], response_types: ["code"],
    post_logout_redirect_uris: redirects.map((where) => new URL("/", where).href) }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: [secret] },
  async findAccount(_, id) {
    const email = id.replace(/^(unverified|another):/, "");
    return { accountId: id, claims: async () => ({ sub: id, email, email_verified: !id.startsWith("unverified:") }) };
  },
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});
provider.listen(Number(port), "localhost", () => console.log("ready"));
