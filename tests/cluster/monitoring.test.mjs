// A real Prometheus scrapes the cluster: every query of the dashboard has an answer, and the rules are evaluated.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { apply, kubectl, makeNamespace, until } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { Prometheus } from './lib/prometheus.mjs';
import { administratorEmail, administratorPassword, available, studioResource } from './lib/resources.mjs';
import { Studio } from './lib/studio.mjs';

const chart = `${process.env.REPOSITORY}/charts/invoke-operator`;
const namespace = 'test-monitoring';
const name = 'seen';
let ingress;
let prometheus;
let administrator;

before(async () => {
  await makeNamespace(namespace);
  await apply(studioResource(namespace, name, { workers: { ...studioResource(namespace, name).spec.workers, replicas: 1 } }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
  prometheus = await Prometheus.start({
    operatorNamespace: process.env.OPERATOR_NAMESPACE, studioNamespace: namespace, rules: `${chart}/rules/studio.yaml`,
  });
});
after(async () => {
  await prometheus?.stop();
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('operator, server and worker are found and scraped', async () => {
  const found = await until('all targets', 60, async () => {
    const { activeTargets } = await prometheus.ask('targets');
    const well = activeTargets.filter((target) => target.health === 'up');
    return well.length >= 4 && well.length === activeTargets.length && well;
  });
  const jobs = found.map((target) => target.labels.job).sort();
  assert.deepEqual(jobs, ['operator', 'operator', 'studio', 'studio']);
});

test('every query of the dashboard has an answer', async () => {
  const dashboard = JSON.parse(await readFile(`${chart}/dashboards/studio.json`, 'utf8'));
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const expressions = panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ title: panel.title, expr })));
  assert.ok(expressions.length >= 12, `${expressions.length} queries`);
  // Grafana replaces the dashboard's variables; rates here look back as far as this test has run.
  const queryOf = (expr) => expr.replaceAll('$namespace', namespace).replaceAll('$studio', name).replaceAll('[5m]', '[2m]');
  const byUser = (expr) => expr.includes('by (namespace, studio, user_id, status)');
  // An account has numbers while it has items: the queue stands still until they were seen.
  await administrator.ask('PUT', '/api/v1/queue/default/processor/pause');
  const ids = await administrator.enqueue('a red heart', { runs: 3, steps: 2 });
  const { user_id: me } = await administrator.ask('GET', '/api/v1/auth/me');
  const [load] = expressions.filter(({ expr }) => byUser(expr));
  const series = await until('the load by account', 45, async () => {
    const found = await prometheus.query(queryOf(load.expr));
    return found.some(({ metric, value }) => metric.status === 'waiting' && value[1] === '3') && found;
  });
  assert.deepEqual([...new Set(series.map(({ metric }) => metric.user_id))], [me]);
  assert.ok(!JSON.stringify(series).includes('@'), 'no label is an address');
  // What the other panels show: work that is done.
  await administrator.ask('PUT', '/api/v1/queue/default/processor/resume');
  await administrator.completed(ids);
  const silent = [];
  for (const { title, expr } of expressions.filter(({ expr }) => !byUser(expr))) {
    const query = queryOf(expr);
    await until(`an answer for ${title}`, 45, async () => (await prometheus.query(query)).length > 0).catch(() => silent.push(`${title}: ${query}`));
  }
  await until('the account without items to have no numbers', 45, async () => (await prometheus.query(queryOf(load.expr))).length === 0);
  assert.deepEqual(silent, []);
  console.log(`${expressions.length} queries of ${panels.length} panels have answers`);
});

test("the dashboard's variables find the studio", async () => {
  assert.deepEqual(await prometheus.ask('label/namespace/values', { 'match[]': 'invoke_studio_condition' }).then((values) => values.includes(namespace)), true);
  assert.deepEqual(await prometheus.ask('label/studio/values', { 'match[]': `invoke_studio_condition{namespace="${namespace}"}` }), [name]);
});

test('the rules are evaluated without an error, and a studio that is well raises no alert', async () => {
  const rules = await until('all rules to have been evaluated', 60, async () => {
    const { groups } = await prometheus.ask('rules');
    const all = groups.flatMap((group) => group.rules);
    return all.length > 0 && all.every((rule) => rule.health !== 'unknown') && all;
  });
  for (const rule of rules) assert.equal(rule.health, 'ok', `${rule.name}: ${rule.lastError}`);
  const firing = rules.flatMap((rule) => rule.alerts ?? []).filter((alert) => alert.state === 'firing' && alert.labels.namespace === namespace);
  assert.deepEqual(firing, []);
});
