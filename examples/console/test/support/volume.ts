import { DEMO_REGIONS } from '../../../../src/simulator/demo.ts';
import type { Console } from './console.ts';
import { identity, type Stack } from './stack.ts';

/* The volumes of the simulator, as the page names them, and how the page creates one. */

export const { tenant } = identity;

/** How the page calls a row of the simulator. */
export const labelOf = ({ id, name }: { id: string; name: string | null }) => name || `Unnamed ${id.slice(0, 8)}`;

export const volumesOf = (stack: Stack, regions: readonly string[] = DEMO_REGIONS) =>
  regions.flatMap((code) => stack.simulator.store(code).volumes(tenant));

export async function createVolume({ page, button }: Console, name: string): Promise<void> {
  await button('Create volume').click();
  const dialog = page.getByRole('dialog', { name: 'Create volume' });
  await dialog.getByRole('combobox', { name: 'Region' }).selectOption('Korea (Pyeongchon)');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Size in GB').fill('12');
  await dialog.getByRole('combobox', { name: 'Type' }).selectOption('Encrypted SSD');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}
