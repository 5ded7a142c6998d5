/** How the search field looks, with suggestions and without. */
export const fieldClass = 'min-h-11 w-full rounded-control border border-edge bg-paper px-3';
