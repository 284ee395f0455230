/**
 * The shadow: what the host knows about each byte of memory beside its value, and about what devices may do with it.
 * Allocators and the DMA layer keep it; the checks of drivers and of devices ask it. It changes no run, and a kernel
 * that attaches makes it anew from RAM. It may use base, check and log.
 */
@Plumbing
package ferrite.kernel.shadow;

import ferrite.kernel.base.Plumbing;
