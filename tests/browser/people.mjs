// The accounts of these tests. main_job.test.mjs makes the first two.
import { signedIn } from './api.mjs';
import { openWindow, pickModel, signIn } from './studio.mjs';

export const administrator = { email: 'admin@example.com', displayName: 'Admin', password: 'Golden-Passw0rd!' };
export const second = { email: 'bob@example.com', displayName: 'Bob', password: 'Another-Passw0rd1' };

/** Makes an account that has nothing yet, so that a test can be run again on the same studio. */
async function newPerson(call, name) {
  const person = { email: `${name}-${Date.now()}@example.com`, displayName: name, password: 'A-Third-Passw0rd1' };
  const body = { email: person.email, display_name: name, password: person.password, is_admin: false };
  await call('/api/v1/auth/users', { method: 'POST', body });
  return person;
}

/** The window of a new person who has picked `model`, and what calls the API as that person. */
export async function newPersonsWindow(browser, admin, name, model) {
  const person = await newPerson(admin, name);
  const call = await signedIn(person);
  const page = await openWindow(browser);
  await signIn(page, person);
  await pickModel(page, model);
  return { page, call };
}
