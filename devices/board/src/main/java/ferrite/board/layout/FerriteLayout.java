package ferrite.board.layout;

import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.Plic;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.copier.Copier;
import ferrite.peripherals.disk.Disk;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.hostfs.Hostfs;
import ferrite.peripherals.nic.Nic;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.sound.SoundCard;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioMmio;

/**
 * The memory map of the {@code ferrite} board.
 *
 * <pre>
 *  0x0000_0000  RAM, 8 MiB to 3.75 GiB
 *               the DMA controller's wires end at 0x0100_0000
 *  0xf000_0000  boot ROM                     harts begin here
 *  0xf001_0000  ACLINT MSWI
 *  0xf001_4000  ACLINT MTIMER
 *  0xf002_0000  ACLINT SSWI
 *  0xf003_0000  test finisher
 *  0xf004_0000  I/O ports of the ISA bus     64 Ki, a byte each
 *               0x000  dma0, two 8237A and page registers
 *               0x3f8  uart0 once more
 *               0x480  dma0, high page registers
 *  0xf005_0000  disk controller              interrupt 1, DMA channel 2
 *  0xf006_0000  host console                 interrupt 2
 *  0xf007_0000  uart0, 16550A                interrupt 3
 *  0xf008_0000  copier0, copy engine         interrupt 4
 *  0xf00a_0000  sound0, with --sound         interrupt 6, DMA channels 1 and 5
 *  0xf00b_0000  rtc0, with --rtc             interrupt 7
 *  0xf00c_0000  eight virtio-mmio slots      interrupts 16 to 23; filled from the first one on
 *  0xf00d_0000  nic0, with --net card=nic   interrupt 8
 *  0xf00e_0000  hostfs0, with --host-files
 *  0xf010_0000  devices of --device, 64 KiB apart or more
 *  0xf400_0000  PLIC
 * </pre>
 */
public final class FerriteLayout {

    public static final long RAM = 0;
    public static final long MAX_RAM_BYTES = 0xf000_0000L;
    public static final long MIN_RAM_BYTES = 8L << 20;

    public static final long BOOT_ROM = 0xf000_0000L;
    public static final long MSWI = 0xf001_0000L;
    public static final long MTIMER = 0xf001_4000L;
    public static final long SSWI = 0xf002_0000L;
    public static final long FINISHER = 0xf003_0000L;
    /** The address of I/O port 0. */
    public static final long PORTS = 0xf004_0000L;
    public static final long PORTS_BYTES = 0x1_0000;
    public static final long DMA = PORTS;
    public static final long DMA_BYTES = DmaRegisters.LOW_BYTES;
    public static final long DMA_HIGH = DMA + DmaRegisters.HIGH_PORTS;
    public static final long DMA_HIGH_BYTES = DmaRegisters.HIGH_BYTES;
    /** The ports of the PC's first serial line. */
    public static final long UART_PORTS = PORTS + 0x3f8;
    public static final long UART_PORTS_BYTES = 8;
    public static final long DISK = 0xf005_0000L;
    public static final long CONSOLE = 0xf006_0000L;
    public static final long UART = 0xf007_0000L;
    public static final long COPIER = 0xf008_0000L;
    public static final long SOUND = 0xf00a_0000L;
    public static final long RTC = 0xf00b_0000L;
    /** The first of the virtio slots, which are 4 KiB apart. */
    public static final long VIRTIO = 0xf00c_0000L;
    public static final int VIRTIO_SLOTS = 8;
    public static final long NIC = 0xf00d_0000L;
    public static final long HOSTFS = 0xf00e_0000L;
    /** The first address for devices that are plugged in. */
    public static final long PLUGS = 0xf010_0000L;
    public static final long PLIC = 0xf400_0000L;

    public static final int DISK_IRQ = 1;
    public static final int CONSOLE_IRQ = 2;
    public static final int UART_IRQ = 3;
    public static final int COPIER_IRQ = 4;
    public static final int SOUND_IRQ = 6;
    public static final int RTC_IRQ = 7;
    public static final int NIC_IRQ = 8;
    public static final int VIRTIO_IRQ = 16;
    public static final int DISK_DMA_CHANNEL = 2;
    /** The default copy engine has wires for all of the board's memory. */
    public static final int COPIER_ADDRESS_BITS = 32;

    public static final long DISK_BYTES = Disk.BYTES;
    public static final long CONSOLE_BYTES = Console.BYTES;
    public static final long UART_BYTES = Uart.BYTES;
    public static final long COPIER_BYTES = Copier.BYTES;
    public static final long SOUND_BYTES = SoundCard.BYTES;
    public static final long RTC_BYTES = Rtc.BYTES;
    public static final long NIC_BYTES = Nic.BYTES;
    public static final long HOSTFS_BYTES = Hostfs.BYTES;
    public static final long VIRTIO_BYTES = VirtioMmio.BYTES;
    public static final long FINISHER_BYTES = Finisher.BYTES;
    public static final long PLIC_BYTES = Plic.BYTES;
    public static final long SWI_BYTES = Aclint.SWI_BYTES;
    public static final long MTIMER_BYTES = Aclint.MTIMER_BYTES;
    public static final long DMA_REACH = 1L << DmaController.ADDRESS_BITS;

    private FerriteLayout() { }

    public static long virtioBase(int slot) {
        return VIRTIO + slot * VIRTIO_BYTES;
    }
}
