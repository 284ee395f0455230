package ferrite.board.layout;

import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioMmio;

/**
 * The memory map of the {@code virt} board, which is that of QEMU's machine of that name (hw/riscv/virt.c,
 * {@code virt_memmap}).
 *
 * <pre>
 *  0x0000_1000  boot ROM                     harts begin here
 *  0x0010_0000  test finisher
 *  0x0010_1000  rtc0, Goldfish clock         interrupt 11
 *  0x0200_0000  ACLINT MSWI                  the two together are a SiFive CLINT
 *  0x0200_4000  ACLINT MTIMER
 *  0x0400_0000  devices of --device, 64 KiB apart or more; QEMU's platform bus
 *  0x0c00_0000  PLIC
 *  0x1000_0000  uart0, 16550A                interrupt 10
 *  0x1000_1000  eight virtio-mmio slots      interrupts 1 to 8; filled from the last one down
 *  0x8000_0000  RAM, 8 MiB to 2 GiB
 * </pre>
 */
public final class VirtLayout {

    public static final long RAM = 0x8000_0000L;
    public static final long MAX_RAM_BYTES = 2L << 30;

    public static final long BOOT_ROM = 0x1000;
    public static final long FINISHER = 0x10_0000;
    public static final long RTC = 0x10_1000;
    public static final long MSWI = 0x200_0000;
    public static final long MTIMER = 0x200_4000;
    public static final long CLINT_BYTES = 0x1_0000;
    /** The range for devices that are plugged in. */
    public static final long PLUGS = 0x400_0000;
    public static final long PLUGS_END = 0x600_0000;
    public static final long PLIC = 0xc00_0000;
    public static final long UART = 0x1000_0000;
    public static final long VIRTIO = 0x1000_1000;
    public static final int VIRTIO_SLOTS = 8;

    public static final int VIRTIO_IRQ = 1;
    public static final int UART_IRQ = 10;
    public static final int RTC_IRQ = 11;

    public static final long FINISHER_BYTES = Finisher.BYTES;
    public static final long RTC_BYTES = Rtc.BYTES;
    public static final long SWI_BYTES = Aclint.SWI_BYTES;
    public static final long MTIMER_BYTES = Aclint.MTIMER_BYTES;
    public static final long PLIC_BYTES = Plic.BYTES;
    public static final long UART_BYTES = Uart.BYTES;
    public static final long VIRTIO_BYTES = VirtioMmio.BYTES;

    private VirtLayout() { }

    public static long virtioBase(int slot) {
        return VIRTIO + slot * VIRTIO_BYTES;
    }
}
