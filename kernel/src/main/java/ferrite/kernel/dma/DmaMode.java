package ferrite.kernel.dma;

import ferrite.hardware.dma.DmaRegisters;
import ferrite.kernel.base.DriverApi;

/** Modes of an ISA DMA channel (LDD3 page 455), for {@code set_dma_mode}. */
@DriverApi
public final class DmaMode {

    /** From the device to memory. */
    public static final int DMA_MODE_READ = DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE;
    /** From memory to the device. */
    public static final int DMA_MODE_WRITE = DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_READ;
    /** The device drives the bus itself (a bus master). */
    public static final int DMA_MODE_CASCADE = DmaRegisters.MODE_CASCADE;
    /** A flag, or'ed to a mode: at the end of the buffer the channel begins again, until it is disabled. */
    public static final int DMA_AUTOINIT = DmaRegisters.MODE_AUTO_INITIALISE;

    private DmaMode() { }
}
