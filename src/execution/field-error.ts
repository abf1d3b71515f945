import { type GraphQLError, locatedError, responsePathAsArray } from 'graphql';
import type { PlannedField, ValuePlan } from './field-plan.ts';
import { takeCharacters } from './remaining.ts';
import type { Path, Run } from './run-state.ts';

/** Notes an error; throws it on where null is not allowed, so that the parent becomes null. */
export function handleError(run: Run, { nodes }: PlannedField, value: ValuePlan, error: unknown, path: Path): null {
  if (run.remaining < 0) throw error;
  const located = locatedError(error, nodes, responsePathAsArray(path));
  if (value.isNonNull) throw located;
  takeCharacters(run, charactersOf(located));
  addError(run, located, path);
  return null;
}

/** The approximate size of an error in the answer: with its code, its locations, and its path, which repeats every alias. */
function charactersOf({ message, path = [] }: GraphQLError): number {
  let characters = 100 + message.length;
  for (const key of path) characters += typeof key === 'string' ? key.length + 3 : 4;
  return characters;
}

export function addError({ errors, nulled }: Run, error: GraphQLError, path: Path | undefined): void {
  for (let place = path; place; place = place.prev) if (nulled.has(place)) return;
  if (nulled.has(undefined)) return;
  nulled.add(path);
  errors.push(error);
}
