import { type KeepsTexts, type KeptTexts, keptTexts } from '../kept/texts.ts';
import type { FieldGroup, FieldPlan, ObjectPlan } from './field-plan.ts';
import { takeCharacters } from './remaining.ts';
import type { Path, Run } from './run-state.ts';
import { addTo, createParts, flatten, forget, isPending, type Parts, type Written, whole } from './text-parts.ts';

/** The fields of an object; what has to be waited for is waited for together. */
export function writeObject(run: Run, plan: ObjectPlan, source: unknown, path: Path | undefined): Written {
  const { fields, groups, failure } = plan;
  if (failure) throw failure;
  if (fields.length === 0) return '{}';
  const texts = typeof source === 'object' ? (source as KeepsTexts | null)?.[keptTexts] : null;
  const parts = createParts();
  try {
    if (!texts) writeFields(run, fields, source, path, parts);
    else
      for (const group of groups) {
        if (group.isOfObject) addTo(parts, keptText(run, group, source, path, texts));
        else writeFields(run, group.fields, source, path, parts);
      }
  } catch (error) {
    forget(parts);
    throw error;
  }
  parts.text += '}';
  return whole(parts);
}

/** What was written of the object before, or is written now and kept with the object. */
function keptText(
  run: Run,
  group: FieldGroup,
  source: unknown,
  path: Path | undefined,
  texts: KeptTexts,
): string | Promise<string> {
  const known = texts.get(group.id);
  if (known) {
    takeCharacters(run, known.characters);
    return known.text;
  }
  const { remaining } = run;
  const errors = run.errors.length;
  const parts = createParts();
  try {
    writeFields(run, group.fields, source, path, parts);
  } catch (error) {
    forget(parts);
    throw error;
  }
  const text = whole(parts);
  // A long list may pause. The path in an error depends on the place in the answer.
  if (typeof text === 'string' && run.errors.length === errors) {
    flatten(text);
    texts.set(group.id, { text, characters: remaining - run.remaining });
  }
  return text;
}

/** Fields that follow each other, each with the brace or comma before it. */
function writeFields(
  run: Run,
  fields: readonly FieldPlan[],
  source: unknown,
  path: Path | undefined,
  parts: Parts,
): void {
  let text = '';
  for (let index = 0; index < fields.length; index++) {
    // The index is within the list.
    const field = fields[index] as FieldPlan;
    takeCharacters(run, field.keyText.length);
    text += field.lead;
    const written = field.write(run, source, path);
    if (isPending(written)) {
      parts.text += text;
      addTo(parts, written);
      text = '';
    } else text += written ?? 'null';
  }
  parts.text += text;
}
