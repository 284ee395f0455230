package ferrite.peripherals.uart;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.peripherals.tty.TtyPortLayout;

/** The record in RAM that {@link UartDriver} keeps for a serial port. */
final class UartLayout {

    static final int SIZE = TtyPortLayout.SIZE + 32;

    static final Struct STRUCT = Struct.of("uart", SIZE);

    /** The terminal. It comes first, so that its address is that of the record. */
    static final Embedded PORT = STRUCT.embedded("port", 0, TtyPortLayout.STRUCT);
    static final Pointer REGISTERS = STRUCT.pointer("registers", PORT.end(), "void");
    static final Pointer CLASS = STRUCT.pointer("class", REGISTERS.end(), "struct class");
    static final Word IRQ = STRUCT.u32("irq", CLASS.end());
    /** Hertz of the chip's crystal. */
    static final Word CLOCK = STRUCT.u32("uartclk", IRQ.end());

    /** Bytes that came with an error since the port was opened, and overruns. */
    static final Word FRAME = STRUCT.u32("icount_frame", CLOCK.end());
    static final Word PARITY = STRUCT.u32("icount_parity", FRAME.end());
    static final Word OVERRUN = STRUCT.u32("icount_overrun", PARITY.end());

    /** Error bits of the next received byte that a write has read, and so cleared, in the chip. */
    static final Word LSR_SAVED_FLAGS = STRUCT.u32("lsr_saved_flags", OVERRUN.end());

    private UartLayout() { }
}
