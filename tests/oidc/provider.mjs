// A real OpenID provider for tests, on a loopback port. Someone else ends TLS in front of it, so it is told its own
// address. It prints its port, and then takes commands, one JSON object a line, each of which it answers with a line:
//
//   {"start": {"issuer": "https://localhost:1", "callback": "https://…/login/callback", "client": "…", "secret": "…"}}
//   {"user": {"sub": "alice", "name": "Alice", "groups": ["operators"]}}    who logs in from now on; null refuses
//   {"rotate": true}                                                        another signing key, and the old one is gone
//   {"alter": {"aud": "another"}}                                           what its next tokens claim instead; signed by it
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose";
import Provider from "oidc-provider";

const state = { user: null, alter: null, keys: 0 };
const cookies = ["a key of tests"];

const newKey = async () => {
  state.keys += 1;
  const alg = state.keys % 2 ? "RS256" : "ES256";
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  state.key = { ...(await exportJWK(privateKey)), alg, use: "sig", kid: `key-${state.keys}` };
};

const serve = async () => {
  const { issuer, callback, client, secret } = state.start;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: client,
      client_secret: secret,
      redirect_uris: [callback],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: state.key.alg,
    }],
    cookies: { keys: cookies },
    jwks: { keys: [state.key] },
    claims: { openid: ["sub"], profile: ["name", "groups"], email: ["email"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...state.known[id], sub: id }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    // Whoever logs in has consented.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: client, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith("/interaction/")) {
      const result = state.user ? { login: { accountId: state.user.sub } } : { error: "access_denied" };
      await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
      ctx.respond = false;
      return;
    }
    await next();
    if (ctx.path === "/token" && ctx.body?.id_token && state.alter) {
      const claims = { ...decodeJwt(ctx.body.id_token), ...state.alter };
      const token = new SignJWT(claims).setProtectedHeader({ alg: state.key.alg, kid: state.key.kid });
      ctx.body = { ...ctx.body, id_token: await token.sign(await importJWK(state.key, state.key.alg)) };
    }
  });
  state.handle = provider.callback();
};

const obey = async (command) => {
  if ("start" in command) {
    state.start = command.start;
    state.known = {};
    await newKey();
    await serve();
  }
  if ("user" in command) {
    state.user = command.user;
    if (state.user) state.known[state.user.sub] = state.user;
  }
  if ("rotate" in command) {
    await newKey();
    await serve();
  }
  if ("alter" in command) state.alter = command.alter;
};

const server = createServer((request, response) => {
  request.headers["x-forwarded-proto"] = "https";
  state.handle(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(JSON.parse(line));
    console.log("done");
  } catch (error) {
    console.log(`failed: ${error}`);
  }
}
process.exit(0);
