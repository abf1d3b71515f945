/*
 * An answer of some 4 KB that holds every kind of JSON value, white space, escapes and characters beyond ASCII: for tests
 * and benches that damage each of its bytes.
 */

const odd = `{ "id" : "\\u0031\\ud83d\\ude00", "name":"\\"\\\\\\/\\b\\f\\n\\r\\t", "size":-0.5e+3 ,"extra":[[],{},[{"a":[1,2 ,3]}]],
\t"metadata":{"키":"값","k":"\\ud800"}, "name" : "다시 and ディスク 😀", "created_at":1E400,"encrypted":true}`;

function fullRow(index: number): string {
  const id = `17975e9d-1533-40db-bd02-${String(index).padStart(12, '0')}`;
  const row = {
    attachments: [{ server_id: null, attachment_id: id, device: '/dev/vdb' }],
    links: [{ href: `https://kr1-api-block-storage.infrastructure.cloud.toast.com/v2/volumes/${id}`, rel: 'self' }],
    encrypted: false,
    'os-volume-replication:extended_status': null,
    volume_type: 'General HDD',
    id,
    size: 50 + index,
    metadata: index % 2 === 0 ? {} : { purpose: 'database', 이름: '볼륨' },
    name: `volume ${index}`,
    description: index % 2 === 0 ? null : 'ディスク',
    created_at: '2018-12-18T05:43:12.000000',
  };
  const json = JSON.stringify(row);
  return index % 2 === 0 ? json : json.replaceAll('","', '", "').replaceAll('":', '": ');
}

/** The members of its rows that are wanted. */
export const sampleMembers: readonly string[] = [
  'id',
  'name',
  'size',
  'links',
  'metadata',
  'attachments',
  'encrypted',
  'description',
  'created_at',
  'absent',
];

/** Its rows are the member `volumes`. */
export const sampleAnswer: Buffer = Buffer.from(
  `{"volumes": [${[0, 1, 2].map(fullRow).join()},${odd} , ${[3, 4, 5].map(fullRow).join()},{}],\n"volumes_links":[{"rel":"next"}], "n":1}\n`,
);
