import type { AttachmentFragment } from './__generated__/documents.ts';
import { useLanguage } from './language.tsx';

export function Attachments({ attachments }: { readonly attachments: readonly AttachmentFragment[] }) {
  const { messages } = useLanguage();
  return (
    <section>
      <h3>{messages.attachments}</h3>
      {attachments.length === 0 ? (
        <p className="muted">{messages.noAttachments}</p>
      ) : (
        <ul className="items">
          {attachments.map(({ id, device, server }) => (
            <li key={id}>
              <code>{device}</code>
              {server && <span className="muted">{messages.server(server.uuid)}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
