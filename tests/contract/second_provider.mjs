// An OpenID provider that others wrote (npm oidc-provider), with one client, some accounts and a login page of a few
// lines. test_second_provider.py runs it:  node second_provider.mjs CONFIG-AS-JSON
//
// It is unlike ID-porten on purpose: other names of levels and claims, the number only from userinfo, logout by the
// back channel, and abilities that can be switched off (`par`, `logout`), so that discovery must decide. `fault`
// names what it does wrong: it lets too low a `level` pass, its `userinfo` tells of another account, or its id_token
// has no `auth_time`.

import { Provider, interactionPolicy } from "oidc-provider";

const config = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${config.port}`;
const [low, high] = config.levels;

const policy = interactionPolicy.base();
if (config.fault !== "level") {
  policy.get("login").checks.add(
    new interactionPolicy.Check("level", "the login is not of the level asked for", (ctx) => {
      const { params, session } = ctx.oidc;
      return params.acr_values === high && Boolean(session.accountId) && session.acr !== high;
    }),
  );
}

const provider = new Provider(issuer, {
  acrValues: config.levels,
  claims: { openid: ["sub"], person: ["name", config.numberClaim] },
  clients: [config.client],
  cookies: { keys: [crypto.randomUUID()] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: config.par, requirePushedAuthorizationRequests: config.par },
    rpInitiatedLogout: { enabled: config.logout },
  },
  // Without its own dispatcher, which refuses to call a loopback address: here everybody lives on one.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  async findAccount(ctx, id) {
    return { accountId: id, claims: () => ({ sub: id, ...config.accounts[id] }) };
  },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  jwks: { keys: await signingKeys() },
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid person");
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
});

if (config.fault === "auth_time") {
  const payload = provider.IdToken.prototype.payload;
  provider.IdToken.prototype.payload = async function () {
    const { auth_time, ...rest } = await payload.call(this);
    return rest;
  };
}

if (config.fault === "userinfo") {
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/me") ctx.body = { ...ctx.body, sub: "konto-2" };
  });
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = await loginPage(ctx);
    return;
  }
  const form = new URLSearchParams(await bodyOf(ctx.req));
  const login = { accountId: form.get("account"), acr: form.get("level"), remember: true };
  await provider.interactionFinished(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
  ctx.respond = false;
});

provider.on("backchannel.error", (ctx, error) => console.error("back channel:", error));
provider.on("server_error", (ctx, error) => console.error(error));

provider.listen(config.port, "127.0.0.1");

async function loginPage(ctx) {
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const wanted = config.levels.includes(params.acr_values) ? params.acr_values : low;
  const accounts = Object.keys(config.accounts).map((id) => `<option>${id}</option>`);
  const levels = config.levels.map((name) => `<option${name === wanted ? " selected" : ""}>${name}</option>`);
  return `<!doctype html><html lang="en"><title>Second provider</title><h1>Second provider</h1>
    <form method="post"><label>Account <select name="account">${accounts.join("")}</select></label>
    <label>Level <select name="level">${levels.join("")}</select></label><button>Log in</button></form>`;
}

async function bodyOf(request) {
  let body = "";
  for await (const part of request) body += part;
  return body;
}

async function signingKeys() {
  const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const kinds = { RS256: rsa, ES256: { name: "ECDSA", namedCurve: "P-256" } };
  return Promise.all(
    Object.entries(kinds).map(async ([alg, kind]) => {
      const { privateKey } = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]);
      const { key_ops, ext, ...jwk } = await crypto.subtle.exportKey("jwk", privateKey);
      return { ...jwk, alg, use: "sig", kid: `second-${alg}` };
    }),
  );
}
