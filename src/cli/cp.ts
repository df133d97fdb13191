import { ApiError } from '../client/errors.ts';
import { defineCommand } from './command.ts';
import { connect } from './connect.ts';
import { parsePlace } from './cp/place.ts';
import { download, upload } from './cp/transfer.ts';
import { print } from './print.ts';
import { CONNECTION } from './settings.ts';
import { UsageError } from './usage.ts';

export const command = defineCommand({
  synopsis: 'FROM TO [options]',
  description: `Copies a file between this machine and the sandbox, or with -r a folder. What begins with a colon lies in the sandbox, below /workspace or /tmp;
":x" is /workspace/x. "-" is standard input or standard output. A target that is a folder, or ends with "/", gets the name that the source has.`,
  options: {
    recursive: { type: 'boolean', short: 'r', help: 'copy folders with all that is in them' },
    ...CONNECTION,
  },
  examples: ['coracle cp data.csv :data.csv', 'coracle cp -r :results ./', 'coracle cp :report.json - | jq .total'],
  mostArguments: 2,
  async run({ values, positionals: [from, to] }) {
    if (from === undefined || to === undefined) throw new UsageError('say from where to where: coracle cp data.csv :data.csv');
    const [source, target] = [parsePlace(from), parsePlace(to)];
    if (source.isRemote === target.isRemote) throw new UsageError('one of the two has to be in the sandbox: write it with a colon, as in :data.csv');
    const { files } = await connect(values);
    const copy = { from: source.path, to: target.path, recursive: values.recursive };
    const copied = await (source.isRemote ? download(files, copy) : upload(files, copy)).catch((error) => {
      if (error instanceof ApiError) error.message = `${from} to ${to}: ${error.message}`;
      throw error;
    });
    if (process.stderr.isTTY && target.path !== '-') await print(`${copied} copied\n`);
    return 0;
  },
});
