/**
 * Memory: frames and zones, the page allocator and reclaim, lookaside caches and kmalloc, vmalloc, kmap, per-CPU
 * variables, memory pools. It may use {@code sched} and the floors below.
 */
@Plumbing
package ferrite.kernel.mm;

import ferrite.kernel.base.Plumbing;
