const { Worker } = require('node:worker_threads');

// A thread each, with a heap each.
console.log('begun');
for (let index = 0; index < 200; index += 1) new Worker('setInterval(() => undefined, 1000)', { eval: true }).on('error', () => undefined);
