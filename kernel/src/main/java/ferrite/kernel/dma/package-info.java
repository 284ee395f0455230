/**
 * DMA: ISA channels, mappings and their checks, bounce buffers, coherent memory, pools, scatterlists, copy engines. It
 * may use {@code irq}, {@code mm}, {@code sched} and the floors below.
 */
@Plumbing
package ferrite.kernel.dma;

import ferrite.kernel.base.Plumbing;
