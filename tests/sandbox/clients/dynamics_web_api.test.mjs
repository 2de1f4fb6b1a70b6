// dynamics-web-api, unchanged, against the sandbox: SALES_URL, TOKEN_URL, CLIENT_ID, CLIENT_SECRET.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DynamicsWebApi } from "dynamics-web-api";

const { SALES_URL, TOKEN_URL, CLIENT_ID, CLIENT_SECRET, FAULTS_URL } = process.env;
const ABSENT = "0f0f0f0f-0000-4000-8000-000000000000";
const FORMATTED = "@OData.Community.Display.V1.FormattedValue";
const ACCOUNT = "Microsoft.Dynamics.CRM.account";

async function token() {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    scope: `${SALES_URL}/.default`,
  });
  const answer = await fetch(TOKEN_URL, { method: "POST", body });
  return (await answer.json()).access_token;
}

const config = {
  serverUrl: SALES_URL,
  dataApi: { version: "9.2" },
  onTokenRefresh: token,
  propagateErrors: true,
  // A key in "@odata.id" of UpsertMultiple is no absolute URL.
  disableODataIdAbsoluteUrl: true,
};
const api = new DynamicsWebApi(config);

let number = 0;
const tag = () => `N${String(++number).padStart(4, "0")}`;
const sorted = (rows, column = "name") => rows.map((row) => row[column]).sort();

async function account(data) {
  const made = await api.create({ collection: "accounts", data, returnRepresentation: true });
  return made.accountid;
}

async function accounts(filter, more = {}) {
  const found = await api.retrieveMultiple({
    collection: "accounts", select: ["name"], filter, ...more,
  });
  return found.value;
}

test("create, read, update, delete", async () => {
  const name = tag();
  const key = await api.create({ collection: "accounts", data: { name, fax: "1" } });
  await api.update({ collection: "accounts", key, data: { fax: "2" } });
  const row = await api.retrieve({ collection: "accounts", key, select: ["name", "fax"] });
  assert.deepEqual([row.name, row.fax], [name, "2"]);
  await api.deleteRecord({ collection: "accounts", key });
  await assert.rejects(api.retrieve({ collection: "accounts", key }), { status: 404 });
});

test("the representation comes when asked for", async () => {
  const name = tag();
  const made = await api.create({
    collection: "accounts", data: { name }, returnRepresentation: true, select: ["name"],
  });
  assert.equal(made.name, name);
  const changed = await api.update({
    collection: "accounts", key: made.accountid, data: { fax: "7" },
    returnRepresentation: true, select: ["fax"],
  });
  assert.equal(changed.fax, "7");
});

test("a single property is set and deleted", async () => {
  const key = await account({ name: tag() });
  await api.updateSingleProperty({ collection: "accounts", key, fieldValuePair: { fax: "3" } });
  assert.equal((await api.retrieve({ collection: "accounts", key })).fax, "3");
  await api.deleteRecord({ collection: "accounts", key, property: "fax" });
  assert.equal((await api.retrieve({ collection: "accounts", key })).fax, null);
});

test("pages follow the next link", async () => {
  const name = tag();
  for (let n = 0; n < 5; n++) await account({ name: `${name} ${n}` });
  const request = {
    collection: "accounts", select: ["name"], maxPageSize: 2, filter: `startswith(name,'${name}')`,
  };
  const first = await api.retrieveMultiple(request);
  assert.equal(first.value.length, 2);
  const second = await api.retrieveMultiple(request, first.oDataNextLink);
  assert.equal(second.value.length, 2);
  const all = await api.retrieveAll(request);
  assert.deepEqual(sorted(all.value), [0, 1, 2, 3, 4].map((n) => `${name} ${n}`));
});

test("filter, order and top", async () => {
  const name = tag();
  for (const numberofemployees of [3, 1, 2]) await account({ name, numberofemployees });
  const found = await accounts(`name eq '${name}' and numberofemployees gt 1`, {
    select: ["numberofemployees"], orderBy: ["numberofemployees desc"], top: 1,
  });
  assert.deepEqual(found.map((row) => row.numberofemployees), [3]);
});

test("quotes and umlauts survive in filters", async () => {
  const name = `${tag()} O'Brien & Söhne`;
  await account({ name });
  const found = await accounts(`name eq '${name.replace("'", "''")}'`);
  assert.deepEqual(sorted(found), [name]);
});

test("counts", async () => {
  const name = tag();
  for (let n = 0; n < 3; n++) await account({ name });
  const filter = `name eq '${name}'`;
  assert.equal(await api.count({ collection: "accounts", filter }), 3);
  assert.equal(await api.countAll({ collection: "accounts", filter }), 3);
  const page = await api.retrieveMultiple({ collection: "accounts", filter, count: true });
  assert.equal(page.oDataCount, 3);
});

test("lookups: bind, expand, formatted names, clear", async () => {
  const name = tag();
  const parent = await account({ name: `${name} parent` });
  const key = await account({
    name: `${name} child`, "parentaccountid@odata.bind": `/accounts(${parent})`,
  });
  const row = await api.retrieve({
    collection: "accounts", key, select: ["name", "_parentaccountid_value"],
    expand: [{ property: "parentaccountid", select: ["name"] }], includeAnnotations: "*",
  });
  assert.equal(row.parentaccountid.name, `${name} parent`);
  assert.equal(row._parentaccountid_value, parent);
  assert.equal(row[`_parentaccountid_value${FORMATTED}`], `${name} parent`);
  await api.disassociateSingleValued({
    collection: "accounts", primaryKey: key, navigationProperty: "parentaccountid",
  });
  assert.equal((await api.retrieve({ collection: "accounts", key }))._parentaccountid_value, null);
  await api.associateSingleValued({
    collection: "accounts", primaryKey: key, navigationProperty: "parentaccountid",
    relatedCollection: "accounts", relatedKey: parent,
  });
  const again = await api.retrieve({ collection: "accounts", key });
  assert.equal(again._parentaccountid_value, parent);
});

test("collections are expanded with their own options", async () => {
  const name = tag();
  const parent = await account({ name });
  for (const lastname of ["B", "A", "C"]) {
    await api.create({
      collection: "contacts",
      data: { lastname, "parentcustomerid_account@odata.bind": `/accounts(${parent})` },
    });
  }
  const row = await api.retrieve({
    collection: "accounts", key: parent, select: ["name"],
    expand: [{
      property: "contact_customer_accounts", select: ["lastname"], orderBy: ["lastname"], top: 2,
    }],
  });
  assert.deepEqual(row.contact_customer_accounts.map((c) => c.lastname), ["A", "B"]);
});

test("option sets are integers with labels beside them", async () => {
  const key = await account({ name: tag(), paymenttermscode: 3 });
  const row = await api.retrieve({
    collection: "accounts", key, select: ["paymenttermscode"], includeAnnotations: "*",
  });
  assert.deepEqual([row.paymenttermscode, row[`paymenttermscode${FORMATTED}`]], [3, "Net 45"]);
  const found = await api.retrieveAttributes({
    entityKey: "LogicalName='account'", select: ["LogicalName"],
    castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
    expand: [{ property: "OptionSet", select: ["Options"] }],
  });
  const terms = found.value.find((column) => column.LogicalName === "paymenttermscode");
  const net = terms.OptionSet.Options.find((option) => option.Value === 3);
  assert.equal(net.Label.UserLocalizedLabel.Label, "Net 45");
});

test("upsert by guid and by alternate key", async () => {
  const name = tag();
  const key = `msdynce_contactnumber='${name}'`;
  const upsert = (data, more = {}) =>
    api.upsert({ collection: "contacts", key, data, returnRepresentation: true, ...more });
  const made = await upsert({ lastname: "first" });
  const changed = await upsert({ lastname: "second" });
  assert.deepEqual([changed.lastname, changed.contactid], ["second", made.contactid]);
  await assert.rejects(upsert({ lastname: "third" }, { ifnonematch: "*" }), { status: 412 });
  const update = { collection: "contacts", key: ABSENT, data: { lastname: "x" } };
  await assert.rejects(api.update(update), { status: 404, code: "0x80040217" });
});

test("stale ETags are refused", async () => {
  const key = await account({ name: tag() });
  const row = await api.retrieve({ collection: "accounts", key, select: ["name"] });
  const etag = row["@odata.etag"];
  const change = { collection: "accounts", key, ifmatch: etag };
  await api.update({ ...change, data: { fax: "1" } });
  await assert.rejects(api.update({ ...change, data: { fax: "2" } }), {
    status: 412, code: "0x80060882",
  });
  await assert.rejects(api.deleteRecord(change), { status: 412 });
});

test("bulk messages create, update and upsert", async () => {
  const name = tag();
  const run = (collection, actionName, Targets) =>
    api.callAction({ collection, actionName, action: { Targets } });
  const targets = Array.from({ length: 20 }, (_, n) => ({
    "@odata.type": ACCOUNT, name, fax: String(n),
  }));
  const made = await run("accounts", "Microsoft.Dynamics.CRM.CreateMultiple", targets);
  assert.equal(made.Ids.length, 20);
  await run("accounts", "Microsoft.Dynamics.CRM.UpdateMultiple",
    made.Ids.map((accountid) => ({ "@odata.type": ACCOUNT, accountid, fax: "x" })));
  const found = await accounts(`name eq '${name}'`, { select: ["fax"] });
  assert.deepEqual(new Set(found.map((row) => row.fax)), new Set(["x"]));
  const contact = (lastname) => ({
    "@odata.type": "Microsoft.Dynamics.CRM.contact", lastname,
    "@odata.id": `contacts(msdynce_contactnumber='${name}')`,
  });
  for (const word of ["first", "second"]) {
    await run("contacts", "Microsoft.Dynamics.CRM.UpsertMultiple", [contact(word)]);
  }
  const row = await api.retrieve({
    collection: "contacts", key: `msdynce_contactnumber='${name}'`, select: ["lastname"],
  });
  assert.equal(row.lastname, "second");
});

test("a batch's change set refers to its own rows", async () => {
  const name = tag();
  api.startBatch();
  api.create({ collection: "accounts", data: { name: `${name} parent` }, contentId: "1" });
  api.create({
    collection: "accounts",
    data: { name: `${name} child`, "parentaccountid@odata.bind": "$1" },
  });
  const [parent, child] = await api.executeBatch();
  const row = await api.retrieve({ collection: "accounts", key: child });
  assert.equal(row._parentaccountid_value, parent);
});

test("a batch reads and writes in order", async () => {
  const name = tag();
  await account({ name });
  api.startBatch();
  api.retrieveMultiple({ collection: "accounts", filter: `name eq '${name}'`, select: ["name"] });
  api.create({ collection: "accounts", data: { name }, inChangeSet: false });
  api.count({ collection: "accounts", filter: `name eq '${name}'` });
  const [read, made, count] = await api.executeBatch();
  assert.deepEqual([read.value.length, made.length, count], [1, 36, 2]);
});

test("a failing change set leaves nothing", async () => {
  const name = tag();
  api.startBatch();
  api.create({ collection: "accounts", data: { name } });
  api.create({ collection: "accounts", data: { name, nothere: 1 } });
  await assert.rejects(api.executeBatch(), ([failed]) => {
    assert.equal(failed.status, 400);
    assert.match(failed.error.message, /nothere/);
    return true;
  });
  assert.deepEqual(await accounts(`name eq '${name}'`), []);
});

test("change tracking: first load, changes, deletions", async () => {
  const request = { collection: "accounts", select: ["name"], trackChanges: true };
  const first = await api.retrieveMultiple(request);
  assert.ok(first.oDataDeltaLink);
  const name = tag();
  const key = await account({ name });
  const second = await api.retrieveMultiple(request, first.oDataDeltaLink);
  assert.deepEqual(sorted(second.value), [name]);
  await api.deleteRecord({ collection: "accounts", key });
  const third = await api.retrieveMultiple(request, second.oDataDeltaLink);
  assert.deepEqual(third.value.map((row) => [row.id, row.reason]), [[key, "deleted"]]);
  await assert.rejects(api.retrieveMultiple({ ...request, filter: "name eq 'x'" }), {
    status: 400,
  });
});

test("functions and actions", async () => {
  const me = await api.callFunction("WhoAmI");
  assert.match(me.UserId, /^[0-9a-f-]{36}$/);
  const counts = await api.callFunction({
    name: "RetrieveTotalRecordCount", parameters: { EntityNames: ["account"] },
  });
  assert.deepEqual(counts.EntityRecordCountCollection.Keys, ["account"]);
});

test("tables and their columns", async () => {
  const found = await api.retrieveEntities({
    select: ["LogicalName", "EntitySetName"], filter: "LogicalName eq 'salesorder'",
  });
  assert.deepEqual(found.value.map((table) => table.EntitySetName), ["salesorders"]);
  const key = found.value[0].MetadataId;
  const table = await api.retrieveEntity({ key, select: ["PrimaryIdAttribute"] });
  assert.equal(table.PrimaryIdAttribute, "salesorderid");
  const column = await api.retrieveAttribute({
    entityKey: "LogicalName='salesorder'", attributeKey: "LogicalName='name'",
  });
  assert.equal(column.MaxLength, 300);
});

test("metadata as CSDL", async () => {
  const text = await api.retrieveCsdlMetadata({ addAnnotations: true });
  assert.match(text, /<EntityType Name="salesorder"/);
  assert.match(text, /Org.OData.Capabilities.V1.ChangeTracking/);
});

test("entity names are resolved to sets", async () => {
  const other = api.initializeInstance({ ...config, useEntityNames: true });
  const found = await other.retrieveMultiple({ collection: "transactioncurrency", top: 1 });
  assert.equal(found.value.length, 1);
});

test("errors carry status, code and headers", async () => {
  const order = { collection: "salesorders", data: { name: "No customer" } };
  await assert.rejects(api.create(order), (error) => {
    assert.equal(error.status, 400);
    assert.match(error.code, /^0x8/);
    assert.ok(error.message.length > 10);
    return true;
  });
});

test("throttling says how long to wait", async () => {
  const headers = {
    Authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}`,
    "Content-Type": "application/json",
  };
  const body = JSON.stringify([{ kind: "throttle", path: "invoices", retry_after: 11 }]);
  await fetch(FAULTS_URL, { method: "PUT", headers, body });
  await assert.rejects(api.retrieveMultiple({ collection: "invoices" }), (error) => {
    assert.deepEqual([error.status, error.code], [429, "0x80072322"]);
    assert.equal(error.headers["retry-after"], "11");
    return true;
  });
  assert.ok(await api.retrieveMultiple({ collection: "invoices" }));
});

test("what is not offered says so", async () => {
  const fetchXml = '<fetch><entity name="account"/></fetch>';
  await assert.rejects(api.fetch({ collection: "accounts", fetchXml }), (error) => {
    assert.equal(error.status, 501);
    assert.match(error.message, /not offered/);
    return true;
  });
});
