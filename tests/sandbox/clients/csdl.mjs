// CSDL XML on standard input -> CSDL JSON on standard output; errors of the parser end it with 1.
import { readFileSync } from "node:fs";
import csdl from "odata-csdl";

const messages = [];
const json = csdl.xml2json(readFileSync(0), { messages, lineNumbers: false, strict: true });
const errors = messages.filter((message) => message.type === "error");
if (errors.length) {
  console.error(JSON.stringify(errors));
  process.exit(1);
}
console.log(JSON.stringify(json));
