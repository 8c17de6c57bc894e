// The operator from outside: who leads, and how that ends.
import { get, kubectl, until } from './kubernetes.mjs';
import { killProcess } from './node.mjs';

const namespace = () => process.env.OPERATOR_NAMESPACE;

/** The name of the pod that leads, or undefined. */
export const leader = async () => (await get(namespace(), 'lease', 'invoke-operator'))?.spec.holderIdentity || undefined;

/** SIGKILL for the replica that leads; its name. It cannot release the lease, and its pod does not come back. */
export async function killLeader() {
  const name = await until('a leader', 30, leader);
  await killProcess((await get(namespace(), 'pod', name)).metadata.uid, 'invoke');
  await kubectl('-n', namespace(), 'delete', 'pod', name, '--grace-period=0', '--force', '--wait=false');
  return name;
}
