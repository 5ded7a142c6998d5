'use client';
/** Reads what a user has typed into a form, and types it again. */

type Field = HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement;

/** Kept are texts and choices of lists; nothing hidden, no file, and no password. */
const textTypes = 'text search email tel url number date time month week datetime-local'.split(' ');

export function readFields(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries(listFields(form).map(({ name, value }) => [name, value]));
}

/** Whether something was typed before the scripts of the page were there. */
export function hasTyped(form: HTMLFormElement): boolean {
  return listFields(form).some((field) => 'defaultValue' in field && field.value !== field.defaultValue);
}

/** As if the user had typed it: fields that React controls notice too. */
export function fillFields(form: HTMLFormElement, fields: Readonly<Record<string, string>>): void {
  for (const field of listFields(form)) {
    const value = fields[field.name];
    if (value === undefined || value === field.value) continue;
    // React overrides the setter of the element itself.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (field instanceof HTMLSelectElement) field.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

function listFields(form: HTMLFormElement): Field[] {
  return [...form.elements]
    .filter(
      (element): element is Field =>
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement ||
        (element instanceof HTMLInputElement && textTypes.includes(element.type)),
    )
    .filter(({ name }) => name !== '');
}
