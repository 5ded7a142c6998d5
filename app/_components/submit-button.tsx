'use client';
/**
 * The button of a form. While the form is being sent, it keeps its size and its words, and a hairline runs
 * along it.
 */
import { Button } from '@base-ui/react/button';
import { useFormStatus } from 'react-dom';

export function SubmitButton({ label, pendingLabel }: { label: string; pendingLabel: string }) {
  const { pending } = useFormStatus();
  return (
    <Button
      type="submit"
      disabled={pending}
      focusableWhenDisabled
      className="relative min-h-11 cursor-pointer rounded-control bg-brass px-5 font-semibold text-on-brass hover:bg-brass-deep data-disabled:cursor-progress"
    >
      {label}
      <span className="sr-only" role="status">
        {pending ? pendingLabel : ''}
      </span>
      <span
        aria-hidden="true"
        className={`absolute inset-x-5 bottom-2 h-px ${pending ? 'pending-line' : ''}`}
      />
    </Button>
  );
}
