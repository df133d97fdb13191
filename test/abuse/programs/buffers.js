// Outside the heap that the engine watches.
const held = [];
console.log('begun');
for (;;) held.push(Buffer.alloc(4 << 20, 1));
