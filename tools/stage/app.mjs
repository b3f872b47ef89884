// Calls the functions of examples/app: {"call": its name, "with": its arguments}.

import { createServer } from "node:http";

import * as auth from "../../examples/app/auth.js";
import * as sdk from "../../examples/app/sdk.js";

const FUNCTIONS = { ...auth, signInWithSdk: sdk.signIn };

const server = createServer(async (request, response) => {
  const { call, with: given } = JSON.parse(Buffer.concat(await request.toArray()));
  const called = (async () => FUNCTIONS[call](...given))();
  const answer = await called.then(
    (returned) => ({ returned: returned ?? null }),
    (error) => ({ thrown: `${error.name}: ${error.message}` }),
  );
  response.end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
